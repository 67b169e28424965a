"""Contract: 422 = `type` and `/data`; the data of the three reports and their fine print."""

import unicodedata
from typing import Any

import pytest

from contracts.canonical import digest
from contracts.envelope import event_key
from contracts.events import EventHeld, Origin
from tests.monitoring.intake.messages import CANCELLED, DATA, EVENT, SCHEDULED, TYPE, broken, event, post, take, without

LATER = {"started_at": "2026-11-24T02:00:00Z", "ended_at": "2026-11-24T03:05:00.000001Z"}
CANCELLATION = EVENT | {"type": CANCELLED, "data": {"event_id": "x"}}

REFUSED: tuple[tuple[str, dict[str, Any], str, str], ...] = (
    ("Unknown types: 422 `/type`", event(type="vn.edu.hcmute.publicity.event-held.v2"), "/type", "type-unknown"),
    ("Unknown types: ours are not for strangers", event(type=TYPE.replace("held", "merged")), "/type", "type-unknown"),
    ("only the first five are required: data", without(EVENT, "data"), "/data", "data-missing"),
    ("only the first five are required: data null", EVENT | {"data": None}, "/data", "data-missing"),
    ("only the first five are required: data a text", EVENT | {"data": "{}"}, "/data", "data-not-an-object"),
    *(
        (
            f"only the first five are required: {name}",
            EVENT | {"data": without(DATA, name)},
            f"/data/{name}",
            "field-missing",
        )
        for name in DATA
    ),
    *((f"required, null: {name}", event({name: None}), f"/data/{name}", "field-missing") for name in DATA),
    ("event_id string 1..128", event({"event_id": "x" * 129}), "/data/event_id", "text-too-long"),
    ("event_id not blank", event({"event_id": " \u00a0"}), "/data/event_id", "text-blank"),
    ("event_id a string", event({"event_id": 7}), "/data/event_id", "text-expected"),
    ("title string 1..300", event({"title": "x" * 301}), "/data/title", "text-too-long"),
    ("title not blank", event({"title": "\u3000"}), "/data/title", "text-blank"),
    ("unit string 1..64", event({"unit": "x" * 65}), "/data/unit", "text-too-long"),
    ("unit not blank", event({"unit": ""}), "/data/unit", "text-blank"),
    ("title_en 300", event({"title_en": "x" * 301}), "/data/title_en", "text-too-long"),
    ("place 300", event({"place": "x" * 301}), "/data/place", "text-too-long"),
    ("summary 4,000", event({"summary": "x" * 4001}), "/data/summary", "text-too-long"),
    ("url 2,000", event({"url": "http://a/" + "x" * 1992}), "/data/url", "text-too-long"),
    ("codes 64: topic_area", event({"topic_area": "x" * 65}), "/data/topic_area", "text-too-long"),
    ("reason 1,000", CANCELLATION | {"data": {"event_id": "x", "reason": "x" * 1001}}, "/data/reason", "text-too-long"),
    ("marks without end are not normalised", event({"title": "\u0315\u0300" * 9000}), "/data/title", "text-too-long"),
    ("no control characters", event({"title": "a\x07"}), "/data/title", "text-character"),
    ("no control characters: event_id", event({"event_id": "a\n"}), "/data/event_id", "text-character"),
    ("no control characters: C1", event({"place": "a\x9f"}), "/data/place", "text-character"),
    ("no control characters: tab", event({"summary": "a\tb"}), "/data/summary", "text-character"),
    ("newline only in `summary`", event({"title": "a\nb"}), "/data/title", "text-character"),
    ("newline only in `summary`: CR LF", event({"place": "a\r\nb"}), "/data/place", "text-character"),
    (
        "newline only in `summary`: reason",
        CANCELLATION | {"data": {"event_id": "x", "reason": "a\nb"}},
        "/data/reason",
        "text-character",
    ),
    ("a lone CR is a control character", event({"summary": "a\rb"}), "/data/summary", "text-character"),
    *(
        (f"bidi controls refused: U+{ord(c):04X}", event({"title": f"a{c}b"}), "/data/title", "text-bidi")
        for c in "\u061c\u200e\u200f\u202a\u202e\u2066\u2069"
    ),
    ("bidi controls refused: summary", event({"summary": "a\u202eb"}), "/data/summary", "text-bidi"),
    ("`url` http(s)", event({"url": "ftp://example.edu.vn"}), "/data/url", "url-invalid"),
    ("`url` http(s): script", event({"url": "javascript:alert(1)"}), "/data/url", "url-invalid"),
    ("`url` http(s): relative", event({"url": "/a"}), "/data/url", "url-invalid"),
    ("`url` http(s): no host", event({"url": "https://"}), "/data/url", "url-invalid"),
    ("`url` http(s): port", event({"url": "https://a:99999/"}), "/data/url", "url-invalid"),
    ("`url` no user part", event({"url": "https://a@example.edu.vn/"}), "/data/url", "url-invalid"),
    ("`url` no user part: backslash", event({"url": "https://good\\@evil/"}), "/data/url", "url-invalid"),
    ("`url` no blanks", event({"url": "https://example.edu.vn/a b"}), "/data/url", "url-invalid"),
    ("Unknown tier: 422", event({"tier": "HUGE"}), "/data/tier", "tier-unknown"),
    ("Unknown tier: 422, lower case", event({"tier": "major"}), "/data/tier", "tier-unknown"),
    ("Unknown tier: 422, an array", event({"tier": ["MAJOR"]}), "/data/tier", "tier-unknown"),
    *(
        (f"revision int 1..2^31-1: {value!r}", event({"revision": value}), "/data/revision", "revision-invalid")
        for value in (0, -1, 2**31, 1.0, 2.5, "2", True, [], 10**30)
    ),
    *(
        (f"strict grammar: {text!r}", event({"ended_at": text}), "/data/ended_at", "instant-malformed")
        for text in (
            "2026-11-20",
            "2026-11-20T11:00:00",
            "2026-11-20T11:00:00+0700",
            " 2026-11-20T11:00:00Z",
            1,
            "",
            {},
        )
    ),
    (
        "`started_at <= ended_at`",
        event({"ended_at": "2026-11-20T07:29:59+07:00"}),
        "/data/ended_at",
        "ended-before-started",
    ),
    ("held: `ended_at` at most 5 minutes after receipt", event(LATER), "/data/ended_at", "ended-in-future"),
    (
        "not before 2000-01-01T00:00+07:00",
        event({"started_at": "1999-12-31T23:59:59.999999+07:00"}),
        "/data/started_at",
        "started-too-early",
    ),
)


@pytest.mark.parametrize(("body", "pointer", "rule"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_data_against_a_rule_are_422(body: dict[str, Any], pointer: str, rule: str) -> None:
    parsed = post(body)
    assert broken(parsed) == [(422, pointer, rule)]
    assert parsed.status == 422


TAKEN: tuple[tuple[str, dict[str, Any], dict[str, Any]], ...] = (
    ("lengths in code points after NFC", {"title": "e\u0301" * 300}, {"title": "é" * 300}),
    ("lengths in code points: beyond the first plane", {"title": "🎓" * 300}, {"title": "🎓" * 300}),
    ("Texts: NFC at the door", {"title": unicodedata.normalize("NFD", "Lễ")}, {"title": "Lễ"}),
    ("`event_id` is hashed as sent", {"event_id": "Le\u0302\u0303"}, {"event_id": "Le\u0302\u0303"}),
    ("CR LF = LF", {"summary": "a\r\nb\nc"}, {"summary": "a\nb\nc"}),
    ("`null` in an optional field = absent", {"place": None, "revision": None, "tier": None, "url": None}, {}),
    ("only event_id, title, unit must not be blank", {"place": "", "summary": " \n"}, {}),
    (
        "an unknown code is taken",
        {"unit": "??", "topic_area": "??", "plan_item_id": "??"},
        {"unit": "??", "topic_area": "??", "plan_item_id": "??"},
    ),
    ("unknown fields are ignored", {"organiser": {"a": [1.5]}, "event": "x", "origin": 1}, {}),
    ("tier (a suggestion)", {"tier": "FOCAL"}, {"tier": "FOCAL"}),
    ("revision 2^31-1", {"revision": 2**31 - 1}, {"revision": 2**31 - 1}),
    (
        "cut to microseconds",
        {"started_at": "2026-11-20t07:30:00.9999999+07:00"},
        {"started_at": "2026-11-20T00:30:00.999999Z"},
    ),
    (":60 read as :59", {"ended_at": "2026-11-20T11:00:60+07:00"}, {"ended_at": "2026-11-20T04:00:59.000000Z"}),
    ("started_at = ended_at", {"ended_at": DATA["started_at"]}, {"ended_at": "2026-11-20T00:30:00.000000Z"}),
    (
        "ended_at 5 minutes after receipt",
        LATER | {"ended_at": "2026-11-24T03:05:00.0000009Z"},
        {"started_at": "2026-11-24T02:00:00.000000Z", "ended_at": "2026-11-24T03:05:00.000000Z"},
    ),
    (
        "2000-01-01T00:00+07:00",
        {"started_at": "2000-01-01T00:00:00+07:00"},
        {"started_at": "1999-12-31T17:00:00.000000Z"},
    ),
    ("url http", {"url": "HTTP://example.edu.vn/x?y#z"}, {"url": "HTTP://example.edu.vn/x?y#z"}),
    ("a zero-width joiner is no bidi control", {"title": "a\u200db"}, {"title": "a\u200db"}),
)
CANONICAL = DATA | {"started_at": "2026-11-20T00:30:00.000000Z", "ended_at": "2026-11-20T04:00:00.000000Z"}


@pytest.mark.parametrize(("sent", "kept"), [row[1:] for row in TAKEN], ids=[row[0] for row in TAKEN])
def test_data_are_kept_in_their_canonical_form(sent: dict[str, Any], kept: dict[str, Any]) -> None:
    assert take(event(sent)).data == CANONICAL | kept


def test_a_scheduled_event_may_end_whenever_it_will() -> None:
    assert take(event({"ended_at": "2099-01-01T00:00:00Z"}, type=SCHEDULED)).name == "event-scheduled"


def test_a_cancellation_needs_the_event_alone() -> None:
    candidate = take(CANCELLATION | {"data": {"event_id": "x", "title": 7, "reason": None}})
    assert (candidate.name, candidate.data) == ("event-cancelled", {"event_id": "x"})


def test_all_faults_of_the_data_are_named() -> None:
    faulty = {"title": "\u202e" + "x" * 301, "unit": None, "ended_at": "1999-01-01T00:00:00Z", "revision": 1.0}
    assert broken(post(event(faulty | {"started_at": "1999-06-01T00:00:00Z"}, id=""))) == [
        (400, "/id", "attribute-empty"),
        (422, "/data/title", "text-bidi"),
        (422, "/data/title", "text-too-long"),
        (422, "/data/unit", "field-missing"),
        (422, "/data/revision", "revision-invalid"),
        (422, "/data/started_at", "started-too-early"),
        (422, "/data/ended_at", "ended-before-started"),
    ]


SAME_CONTENT: tuple[tuple[str, dict[str, Any], bool], ...] = (
    ("after NFC", event({"title": unicodedata.normalize("NFD", DATA["title"])}), True),
    ("after cutting of times", event({"ended_at": "2026-11-20T11:00:00.0000001+07:00"}), True),
    ("times are instants", event({"ended_at": "2026-11-20T04:00:00Z"}), True),
    ("known data fields alone", event({"organiser": "x"}), True),
    ("`null` in an optional field = absent", event({"place": None}), True),
    ("attributes are no content", event(id="m-2", time="2026-11-20T12:00:00Z", room="A"), True),
    ("another title", event({"title": "Khác"}), False),
    ("a stated revision is content", event({"revision": 1}), False),
    ("another `type`", event(type=SCHEDULED), False),
    ("`event_id` as sent", event({"event_id": "hd-2026-1120"}), False),
)


@pytest.mark.parametrize(("body", "is_same"), [row[1:] for row in SAME_CONTENT], ids=[row[0] for row in SAME_CONTENT])
def test_same_content_is_type_and_known_fields_in_canonical_form(body: dict[str, Any], *, is_same: bool) -> None:
    assert (take(body).content_digest == take(EVENT).content_digest) is is_same


def test_a_candidate_becomes_the_message_on_events() -> None:
    candidate = take(event({"revision": 3}))
    origin = Origin(source=candidate.source, id=candidate.id, authenticated=True)
    held = EventHeld.model_validate(dict(candidate.report) | {"event": candidate.event_key, "origin": origin})
    assert held.to_data() == candidate.data | {"event": candidate.event_key, "origin": origin.to_data()}
    assert candidate.event_key == event_key("/sis", DATA["event_id"])
    assert candidate.content_digest == digest({"type": TYPE, "data": candidate.data})
