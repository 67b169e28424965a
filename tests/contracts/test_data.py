"""The data of the messages: limits of fields, nulls that say something, and the hash of a plan."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.canonical import canonical_json, digest
from contracts.codes import Channel, Tier
from contracts.events import CancellationReport, EventClassified, EventMerged, EventReport
from contracts.fields import Record
from contracts.monitoring import CalendarIssued, ObligationAssessed
from contracts.planning import PlanContent, content_hash
from contracts.reporting import Gap

REPORT = {
    "event_id": "HD-1",
    "title": "Lễ khai giảng",
    "unit": "PTT",
    "started_at": "2026-09-05T07:30:00+07:00",
    "ended_at": "2026-09-05T10:00:00+07:00",
}
CLASSIFIED: dict[str, Any] = {"event": "k", "by": "a", "reason": "r", "issued_at": "2026-11-10T02:00:00Z"}


def is_taken(model: type[Record], data: dict[str, Any]) -> bool:
    try:
        model.from_data(data)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    ("changes", "taken"),
    [
        # event_id: string 1..128, hashed as sent
        ({"event_id": "x" * 128}, True),
        ({"event_id": "x" * 129}, False),
        ({"event_id": ""}, False),
        ({"event_id": "  "}, False),
        ({"event_id": 7}, False),
        # title: 1..300, not blank, no control characters
        ({"title": "ế" * 300}, True),
        ({"title": "e\u0302\u0301" * 300}, True),  # lengths in code points after NFC
        ({"title": "ế" * 301}, False),
        ({"title": "\u3000 \u00a0"}, False),
        ({"title": "a\nb"}, False),
        ({"title": "a\tb"}, False),
        ({"title": "a\x00b"}, False),
        ({"title": "a\x7fb"}, False),
        ({"title": "a\x85b"}, False),
        ({"title": "a\u202eb"}, False),
        ({"title": "a\u2066b"}, False),
        ({"title": "a\ufdd0b"}, False),
        ({"title": "a\U0001ffffb"}, False),
        ({"title": "\ud800"}, False),
        ({"title": "a\u200bb 🎓"}, True),
        # unit: 1..64
        ({"unit": "u" * 64}, True),
        ({"unit": "u" * 65}, False),
        # started_at <= ended_at, not before 2000-01-01T00:00+07:00
        ({"ended_at": "2026-09-05T07:30:00+07:00"}, True),
        ({"ended_at": "2026-09-05T07:29:59+07:00"}, False),
        ({"started_at": "2000-01-01T00:00:00+07:00"}, True),
        ({"started_at": "1999-12-31T23:59:59+07:00"}, False),
        # revision: 1..2^31-1
        ({"revision": 1}, True),
        ({"revision": 2**31 - 1}, True),
        ({"revision": 2**31}, False),
        ({"revision": 0}, False),
        # newline only in summary (4,000)
        ({"summary": "a\nb"}, True),
        ({"summary": "x" * 4000}, True),
        ({"summary": "x" * 4001}, False),
        ({"summary": "a\x0bb"}, False),
        ({"place": "a\nb"}, False),
        ({"place": "x" * 301}, False),
        ({"title_en": "x" * 301}, False),
        # url http(s), 2,000, no user part
        ({"url": "https://example.edu.vn/su-kien?x=1#y"}, True),
        ({"url": "HTTP://example.edu.vn"}, True),
        ({"url": "ftp://example.edu.vn"}, False),
        ({"url": "//example.edu.vn"}, False),
        ({"url": "javascript:alert(1)"}, False),
        ({"url": "https://"}, False),
        ({"url": "https://u@example.edu.vn"}, False),
        ({"url": "https://u:p@example.edu.vn"}, False),
        ({"url": "https://example.edu.vn:port/"}, False),
        ({"url": "https://[::1/"}, False),
        ({"url": "https://example.edu.vn/a b"}, False),
        ({"url": "https://e.vn/" + "x" * 1987}, True),
        ({"url": "https://e.vn/" + "x" * 1988}, False),
        # codes 64
        ({"topic_area": "x" * 65}, False),
        ({"tier": "FOCAL"}, True),
        ({"tier": "focal"}, False),
        # null in an optional field = absent
        (
            dict.fromkeys(["revision", "title_en", "place", "summary", "url", "topic_area", "tier", "plan_item_id"]),
            True,
        ),
        ({"title": None}, False),
    ],
)
def test_limits_of_a_reported_event(changes: dict[str, Any], taken: bool) -> None:
    assert is_taken(EventReport, REPORT | changes) is taken


def test_a_cancellation_needs_only_the_senders_id() -> None:
    assert is_taken(CancellationReport, {"event_id": "HD-1"})
    assert is_taken(CancellationReport, {"event_id": "HD-1", "reason": "x" * 1000})
    assert not is_taken(CancellationReport, {"event_id": "HD-1", "reason": "x" * 1001})


def test_texts_are_kept_in_nfc_and_ids_as_sent() -> None:
    decomposed = "Le\u0302\u0303"
    report = EventReport.from_data(REPORT | {"title": decomposed, "event_id": decomposed, "summary": "a\r\nb"})
    assert report.title == "L\u1ec5"
    assert report.event_id == decomposed
    assert report.summary == "a\nb"


def test_records_do_not_change() -> None:
    with pytest.raises(ValidationError):
        EventReport.from_data(REPORT).title = "x"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("stated", "says"),
    [
        ({}, set()),
        ({"plan_item_id": None}, {"plan_item_id"}),  # null detaches
        ({"plan_item_id": "m"}, {"plan_item_id"}),
        ({"tier": "MAJOR", "topic_area": "T"}, {"tier", "topic_area"}),
        ({"tier": None, "topic_area": None}, set()),
    ],
)
def test_a_classification_says_what_it_states(stated: dict[str, Any], says: set[str]) -> None:
    message = EventClassified.from_data(CLASSIFIED | stated)
    assert {name for name in ("tier", "topic_area", "plan_item_id") if message.has(name)} == says
    again = EventClassified.from_data(json.loads(json.dumps(message.to_data())))
    assert {name for name in ("tier", "topic_area", "plan_item_id") if again.has(name)} == says
    assert again.to_data() == message.to_data()


def test_an_undone_merge_is_written_with_null() -> None:
    assert EventMerged(event="k", into=None, by="a", reason="r").to_data()["into"] is None
    assert not is_taken(EventMerged, {"event": "k", "by": "a", "reason": "r"})


def test_an_obligation_without_a_date_says_so_with_null() -> None:
    undated = dict.fromkeys(("due_at", "strict_due_at", "working_due_at"))
    assessed = {
        "obligation_id": "o",
        "event": "k",
        "requirement": "WEBSITE",
        "channels": ["VI_WEB"],
        "phase": "POST",
        "state": "OPEN",
        "tier": "ROUTINE",
        "unit": "PTT",
        "school_year": "2026-2027",
        "title": "Ngày hội",
        "planned": False,
    }
    assert ObligationAssessed.from_data(assessed | undated).to_data() == assessed | undated
    assert not is_taken(ObligationAssessed, assessed)
    assert not is_taken(ObligationAssessed, assessed | undated | {"school_year": "2026-2028"})
    assert not is_taken(ObligationAssessed, assessed | undated | {"school_year": "2026-27"})


def test_the_shipped_calendar_is_a_calendar() -> None:
    calendar = {
        "version": "vn-2026.1",
        "time_zone": "Asia/Ho_Chi_Minh",
        "covers": ["2025-09-01", "2026-12-31"],
        "weekend": ["SAT", "SUN"],
        "days_off": [{"date": "2026-11-24", "name": "Ngày Văn hóa Việt Nam"}],
        "make_up_days": [{"date": "2026-01-10", "for": "2026-01-02"}],
    }
    issued = calendar | {"provisional": False, "by": "a", "issued_at": "2025-08-01T00:00:00.000000Z"}
    assert CalendarIssued.from_data(issued).to_data() == issued
    assert not is_taken(CalendarIssued, issued | {"covers": ["2026-12-31", "2025-09-01"]})
    assert not is_taken(CalendarIssued, issued | {"weekend": ["SUNDAY"]})


def test_a_gap_is_a_finite_number() -> None:
    assert Gap.from_data({"figure": "on_time", "value": 1}).value == 1
    assert not is_taken(Gap, {"figure": "on_time", "value": float("nan")})
    assert not is_taken(Gap, {"figure": "on_time", "value": "1"})


TEXTS = st.text(st.characters(codec="utf-8", categories=["L", "M", "N", "P", "S", "Zs"]), min_size=1, max_size=8)
NAMES = TEXTS.map(lambda text: "x" + text)
TIMES = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001  bounds
MILESTONES = st.tuples(TIMES, TIMES).map(sorted).map(lambda pair: {"starts_at": pair[0], "ends_at": pair[1]})
ITEMS = st.fixed_dictionaries(
    {
        "item_id": NAMES,
        "kind": st.sampled_from(["ROUTINE", "FOCAL"]),
        "title": NAMES,
        "topic_area": NAMES,
        "tier": st.sampled_from(Tier),
    },
    optional={
        "recurrence": st.none() | NAMES,
        "milestone": st.none() | MILESTONES,
        "cost_minor": st.none() | st.integers(0, 2**53 - 1),
        "note": st.none() | NAMES.map(lambda text: text + "\n" + text),
        "requirements": st.lists(
            st.fixed_dictionaries({"code": st.just("WEBSITE")}, optional={"phases": st.just(["PRE", "POST"])}),
            max_size=2,
        ),
    },
)
CONTENTS = st.fixed_dictionaries(
    {"title": NAMES},
    optional={
        "bases": st.lists(st.fixed_dictionaries({"kind": st.just("QUALITY_POLICY"), "reference": NAMES}), max_size=2),
        "channel_plans": st.lists(
            st.fixed_dictionaries(
                {
                    "channel": st.sampled_from(Channel),
                    "audience": st.just("INTERNAL"),
                    "items": st.lists(ITEMS, max_size=3),
                }
            ),
            max_size=2,
        ),
    },
)


@given(CONTENTS)
def test_a_plans_content_hashes_the_same_after_any_json_round_trip(data: dict[str, Any]) -> None:
    content = PlanContent.from_data(data)
    expected = content_hash(content)
    assert expected == digest(content.to_data())
    for text in (content.model_dump_json(), json.dumps(content.to_data()), canonical_json(content.to_data())):
        assert content_hash(PlanContent.from_data(json.loads(text))) == expected
    assert content_hash(PlanContent.model_validate(content.model_dump())) == expected


def test_the_hash_of_a_plan_sees_every_change() -> None:
    plain = {"title": "Kế hoạch", "bases": [{"kind": "QUALITY_POLICY", "reference": "CSCL"}]}
    other = plain | {"bases": [{"kind": "QUALITY_OBJECTIVE", "reference": "CSCL"}]}
    assert content_hash(PlanContent.from_data(plain)) != content_hash(PlanContent.from_data(other))
    # written once, by this rule; it may not change as long as plans of v1 are approved
    assert (
        content_hash(PlanContent.from_data(plain))
        == "sha256:9fac2ada814dd00f1e0da8597e14fd313ac2270efe38dd851bfe0f951e22f601"
    )
