"""What the OpenAPI document says of the door is what the door does."""

import json
import re
from typing import Any

import jsonschema
import pytest

from services.monitoring.intake.faults import RULES
from tests.monitoring.door.house import BATCH, STRUCTURED, House, message, post

pytestmark = pytest.mark.live


async def document(house: House) -> dict[str, Any]:
    found: dict[str, Any] = (await house.client().get("/openapi.json")).json()
    return found


async def test_every_rule_is_listed_with_the_intake(house: House) -> None:
    described = (await document(house))["paths"]["/api/events"]["post"]["description"]
    assert set(re.findall(r"\| `([a-z0-9-]+)` \|", described)) == set(RULES)


async def test_every_door_says_how_it_is_opened_and_how_it_refuses(house: House) -> None:
    whole = await document(house)
    schemes = whole["components"]["securitySchemes"]
    assert (schemes["bearer"]["scheme"], schemes["session"]["in"]) == ("bearer", "cookie")
    doors = [(path, one) for path, methods in whole["paths"].items() for one in methods.values() if "/api/" in path]
    assert len(doors) == 14
    for path, door in doors:
        assert door["security"], path
        assert {"401", "503"} <= set(door["responses"]), path
        for status, answer in door["responses"].items():
            kinds = set(answer.get("content", {}))
            assert kinds <= ({"application/json"} if status < "300" else {"application/problem+json"}), (path, status)


async def test_the_examples_are_taken_and_answers_are_as_described(house: House) -> None:
    door = (await document(house))["paths"]["/api/events"]["post"]
    content = door["requestBody"]["content"]
    sis = await house.system()
    binary = {one["name"]: one["example"] for one in door["parameters"] if one["in"] == "header"}
    answers = [await post(sis, content[kind]["example"], kind) for kind in (STRUCTURED, BATCH)]
    answers.append(await post(sis, content["application/json"]["example"], "application/json", **binary))
    answers.append(await post(sis, message("other", title=" ")))
    answers.append(await house.client().post("/api/events"))
    assert [answer.status_code for answer in answers] == [202, 202, 202, 422, 401]
    for answer in answers:
        (described,) = door["responses"][str(answer.status_code)]["content"].values()
        jsonschema.validate(answer.json(), described["schema"])
    jsonschema.validate(content[STRUCTURED]["example"], content[STRUCTURED]["schema"])
    assert "$ref" not in json.dumps(content)


@pytest.mark.parametrize(("lang", "words"), [("vi", "Thiếu data."), ("en", "data is missing.")])
async def test_the_newcomers_page_lists_every_rule_to_whoever_asks(house: House, lang: str, words: str) -> None:
    shown = await house.client().get(f"/intake?lang={lang}")
    assert shown.status_code == 200
    assert words in shown.text
    assert "%(" not in shown.text
    assert set(RULES) <= set(re.findall(r"<code>([a-z0-9-]+)</code>", shown.text))
