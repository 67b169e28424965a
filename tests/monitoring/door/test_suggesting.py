"""What the quarantine's page suggests to write, and on what ground."""

import json
from typing import Any

import pytest

from services.monitoring.door.mending.suggesting import corrected, suggest
from tests.monitoring.door.house import message

# what is wrong, with which data, where, and what to write instead (None: leave it out)
CASES: tuple[tuple[str, dict[str, Any], str, Any], ...] = (
    ("instant-malformed", {"ended_at": "2026-11-20T11:00:00"}, "/data/ended_at", "2026-11-20T11:00:00+07:00"),
    ("instant-malformed", {"ended_at": "2026-11-20 11:00"}, "/data/ended_at", "2026-11-20T11:00:00+07:00"),
    ("instant-malformed", {"ended_at": "20/11/2026 11:00"}, "/data/ended_at", "2026-11-20T11:00:00+07:00"),
    ("instant-malformed", {"ended_at": "2026-11-20T11:00:00+0900"}, "/data/ended_at", "2026-11-20T11:00:00+09:00"),
    ("tier-unknown", {"tier": "major"}, "/data/tier", "MAJOR"),
    ("tier-unknown", {"tier": "BIG"}, "/data/tier", None),
    ("revision-invalid", {"revision": "2"}, "/data/revision", 2),
    ("revision-conflict", {"revision": 2}, "/data/revision", 3),
    ("text-bidi", {"title": "Hội\u202e thảo"}, "/data/title", "Hội thảo"),
    ("text-expected", {"unit": 7}, "/data/unit", "7"),
    ("url-invalid", {"url": "www.hcmute.edu.vn/tin"}, "/data/url", "https://www.hcmute.edu.vn/tin"),
    ("url-invalid", {"url": "trang nhà"}, "/data/url", None),
)


@pytest.mark.parametrize(("rule", "changes", "pointer", "new"), CASES)
def test_what_to_write_instead(rule: str, changes: dict[str, Any], pointer: str, new: Any) -> None:
    text = json.dumps(message(**changes))
    (one,) = suggest(text, [(pointer, rule)])
    assert (one.pointer, one.new) == (pointer, new)
    assert one.ground.said
    name = pointer.rpartition("/")[2]
    assert json.loads(corrected(text, [one]))["data"].get(name) == new


NOTHING: tuple[tuple[str, str, str], ...] = (
    ("/data/title", "text-blank", json.dumps(message(title=" "))),
    ("/data/title", "field-missing", json.dumps(message(title=...))),
    ("/data/ended_at", "instant-malformed", json.dumps(message(ended_at="tối thứ sáu"))),
    ("/data/ended_at", "instant-malformed", json.dumps(message(ended_at=7))),
    ("/data/ended_at", "instant-malformed", json.dumps({"data": []})),
    ("", "json-malformed", "{"),
    ("/id", "id-reused", "[]"),
)


@pytest.mark.parametrize(("pointer", "rule", "text"), NOTHING)
def test_what_only_the_sender_can_know_is_not_guessed(pointer: str, rule: str, text: str) -> None:
    assert suggest(text, [(pointer, rule)]) == ()


def test_the_offset_is_that_of_the_other_time_and_else_the_schools() -> None:
    beside = message(started_at="2026-11-20T08:00:00+09:00", ended_at="2026-11-20T11:00:00")
    alone = message(started_at="2026-11-20T08:00:00", ended_at="2026-11-20T11:00:00")
    grounds = []
    for members in (beside, alone):
        (one,) = suggest(json.dumps(members), [("/data/ended_at", "instant-malformed")])
        grounds.append((one.new[-6:], one.ground.params))
    assert grounds == [("+09:00", {"name": "/data/started_at"}), ("+07:00", {})]


def test_an_id_used_before_gets_a_new_one() -> None:
    text = json.dumps(message("m-1"))
    assert json.loads(corrected(text, suggest(text, [("/id", "id-reused")])))["id"] == "m-1-2"
