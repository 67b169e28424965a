"""Tokens of source systems: issued and shown once, listed, revoked; by API, on the page and from the command line."""

import re
from typing import Any

import pytest

from contracts.times import format_time
from services.monitoring.settings import Settings
from services.monitoring.token_command import run_token_command
from tests.monitoring.door.house import NOW, House, message, post, rules

pytestmark = pytest.mark.live
GIVEN = {"source": "/sis", "scopes": ["events:write", "read"]}


async def test_a_token_is_answered_once_and_stored_as_its_hash(house: House) -> None:
    admin = await house.person("administrator")
    answer = await admin.post("/api/tokens", json=GIVEN, headers={"Idempotency-Key": "k"})
    made = answer.json()
    assert (answer.status_code, made["token"][:4], made["source"]) == (201, "ptt_", "/sis")
    again = (await admin.post("/api/tokens", json=GIVEN, headers={"Idempotency-Key": "k"})).json()
    assert again == made | {"token": None}
    everything = str([await house.docs(name) for name in ("tokens", "commands", "outbox")])
    assert made["token"] not in everything
    sis = house.client(authorization=f"Bearer {made['token']}")
    assert (await post(sis, message())).status_code == 202
    (row,) = (await admin.get("/api/tokens")).json()["items"]
    assert (row["token_id"], row["heard_at"], row["revoked_at"]) == (made["token_id"], format_time(NOW), None)
    assert "token" not in row
    assert (await admin.delete(f"/api/tokens/{made['token_id']}")).status_code == 204
    assert (await admin.delete(f"/api/tokens/{made['token_id']}")).status_code == 204
    assert (await post(sis, message())).status_code == 401
    assert (await admin.delete("/api/tokens/none")).status_code == 404


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        (" ", "blank"),
        *[(s, "source-not-registrable") for s in ("sis", "/", "//x", "/a/", "/a/../b", "/a/./b", "/publicity", "/a b")],
        *[(s, "source-not-registrable") for s in ("/publicity/x", "/%70ublicity", "/a?x", "https://a.example", "/é")],
    ],
)
async def test_a_token_speaks_for_a_plain_path_outside_our_own(house: House, source: str, rule: str) -> None:
    answer = await (await house.person("operator")).post("/api/tokens", json=GIVEN | {"source": source})
    assert (answer.status_code, rules(answer)) == (422, [(rule, "/source")])


@pytest.mark.parametrize("scopes", [[], ["write"], "read"])
async def test_scopes_are_of_the_list(house: House, scopes: Any) -> None:
    answer = await (await house.person("operator")).post("/api/tokens", json=GIVEN | {"scopes": scopes})
    assert answer.status_code == 422


@pytest.mark.parametrize("role", ["viewer", "contributor", "editor", "office_head", "rectorate", "auditor"])
async def test_tokens_are_the_operators_business(house: House, role: str) -> None:
    person = await house.person(role)
    assert (await person.post("/api/tokens", json=GIVEN)).status_code == 403
    for address in ("/api/tokens", "/sources"):
        assert (await person.get(address)).status_code == 403
    sis = await house.system()
    assert (await sis.get("/api/tokens")).status_code == 401


async def test_the_page_shows_a_new_token_once_and_asks_before_it_revokes(house: House) -> None:
    operator = await house.person("operator")
    form = {"source": "/sis", "scopes": ["events:write"], "command_id": "c-1", "page": "/sources"}
    shown = await operator.post("/sources", data=form)
    (token,) = re.findall(r"ptt_[\w-]+", shown.text)
    again = await operator.post("/sources", data=form)
    assert token not in again.text
    assert "chỉ hiện một lần" in again.text
    (row,) = (await operator.get("/api/tokens")).json()["items"]
    asked = await operator.get(f"/sources?revoke={row['token_id']}")
    assert "Thu hồi khóa của /sis?" in asked.text
    answer = await operator.post(f"/sources/{row['token_id']}/revocation", data={"command_id": "c-2"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sources")
    assert "đã thu hồi" in (await operator.get("/sources")).text
    wrong = await operator.post("/sources", data={"source": "sis", "command_id": "c-3", "page": "/sources"})
    assert wrong.status_code == 422
    assert 'value="sis"' in wrong.text


async def test_the_command_line_prints_the_token_and_nothing_else(
    house: House, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await run_token_command(settings, ["--source", "/sis", "--scopes", "events:write,read"]) == 0
    said = capsys.readouterr()
    assert (said.err, said.out.count("\n"), said.out[:4]) == ("", 1, "ptt_")
    assert (await post(house.client(authorization=f"Bearer {said.out.strip()}"), message())).status_code == 202


@pytest.mark.parametrize(
    "argv",
    [
        ["--source", "/publicity/x"],
        ["--source", "sis"],
        ["--source", "/sis/../x"],
        ["--source", ""],
        ["--source", "/sis", "--scopes", "write"],
        ["--source", "/sis", "--scopes", ""],
    ],
)
async def test_the_command_line_says_what_is_wrong(
    house: House, settings: Settings, capsys: pytest.CaptureFixture[str], *, argv: list[str]
) -> None:
    assert await run_token_command(settings, argv) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert re.search(r"--(source|scopes) ", said.err)
    assert await house.docs("tokens") == []
    with pytest.raises(SystemExit) as ended:
        await run_token_command(settings, ["--sauce", "/sis"])
    assert ended.value.code == 2


async def test_the_command_line_says_that_the_database_is_away(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    away = settings.model_copy(update={"mongo_url": type(settings.mongo_url)("mongodb://127.0.0.1:9/")})
    assert await run_token_command(away, ["--source", "/sis"]) == 1
    assert "MONGO_URL" in capsys.readouterr().err
