"""The OpenAPI document of the read API and the acts: every door tells its answers, its refusals and its bounds."""

from typing import Any

import pytest

from tests.monitoring.reading.house import House

pytestmark = pytest.mark.live
READS = ("/api/events/{event_key}", "/api/obligations", "/api/compliance")
ACTS = (
    ("post", "/api/events/{event_key}/classification"),
    ("post", "/api/events/{event_key}/merge"),
    ("post", "/api/obligations/{obligation_id}/waiver"),
    ("delete", "/api/obligations/{obligation_id}/waiver"),
    ("post", "/api/obligations/{obligation_id}/cause"),
)


async def documented(lived: House) -> dict[str, Any]:
    found: dict[str, Any] = (await lived.browser().get("/openapi.json")).json()
    return found


async def test_every_read_tells_its_shape_who_may_ask_and_how_it_refuses(lived: House) -> None:
    paths = (await documented(lived))["paths"]
    for path in READS:
        door = paths[path]["get"]
        assert door["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
        for status in ("401", "403", "422", "503"):
            assert "application/problem+json" in door["responses"][status]["content"], (path, status)
        assert door["security"] == [{"bearer": []}, {"session": []}], path
        assert door["description"]


async def test_every_act_takes_an_idempotency_key_and_tells_its_conflicts(lived: House) -> None:
    paths = (await documented(lived))["paths"]
    for method, path in ACTS:
        door = paths[path][method]
        (key,) = [one for one in door["parameters"] if one["in"] == "header"]
        assert (key["name"], key["schema"]["pattern"]) == ("Idempotency-Key", "^[!-~]{1,128}$")
        assert {"400", "401", "403", "404", "409", "422"} <= door["responses"].keys(), path
        assert door["security"] == [{"session": []}]
        assert door["requestBody"]["required"] is True


async def test_parameters_have_bounds(lived: House) -> None:
    for one in (await documented(lived))["paths"]["/api/obligations"]["get"]["parameters"]:
        schema = next(part for part in one["schema"].get("anyOf", [one["schema"]]) if part.get("type") != "null")
        bounds = {"maxLength", "pattern", "format", "enum", "maximum", "$ref"}
        assert bounds & schema.keys(), one["name"]


async def test_pages_and_forms_stand_in_no_document(lived: House) -> None:
    assert (
        not {"/", "/events", "/events/{event_key}", "/obligations", "/compliance"}
        & (await documented(lived))["paths"].keys()
    )
