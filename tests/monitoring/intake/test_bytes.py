"""Contract: 400 not JSON (I-JSON: no duplicate names, NaN, BOM, lone surrogates, depth > 32)."""

import json
from typing import Any

import pytest

from services.monitoring.intake.bytes_json import MISSING, parse_json
from services.monitoring.intake.faults import MAX_FAULTS
from tests.monitoring.intake.messages import DATA, EVENT, broken, post


def with_data(text: str) -> bytes:
    """The good message with a member more in its data, written by hand."""
    return json.dumps(EVENT).encode()[:-2] + b', "x": ' + text.encode("utf-8", "surrogatepass") + b"}}"


def nested(levels: int) -> bytes:
    """An array in arrays."""
    return b"[" * levels + b"]" * levels


REFUSED: tuple[tuple[str, bytes, str, str], ...] = (
    ("400 not JSON", b"{", "", "json-malformed"),
    ("400 not JSON: an empty body", b"", "", "json-malformed"),
    ("400 not JSON: two texts", json.dumps(EVENT).encode() * 2, "", "json-malformed"),
    ("400 not JSON: a comment", b"// x\n" + json.dumps(EVENT).encode(), "", "json-malformed"),
    ("400 not JSON: a raw control character", with_data('"a\tb"'), "", "json-malformed"),
    ("400 not JSON: a leading zero", with_data("01"), "", "json-malformed"),
    ("no BOM", b"\xef\xbb\xbf" + json.dumps(EVENT).encode(), "", "json-bom"),
    ("no UTF-16", json.dumps(EVENT).encode("utf-16-le"), "", "json-malformed"),
    ("no broken UTF-8", with_data('"x"')[:-1] + b'"\xff"}', "", "json-not-utf8"),
    ("no overlong UTF-8", b'{"a":"\xc0\xaf"}', "", "json-not-utf8"),
    ("no surrogates as bytes", with_data('"\ud800"'), "", "json-not-utf8"),
    ("no lone surrogates", with_data('"\\ud800"'), "/data/x", "json-character"),
    ("no lone surrogates in names", with_data('{"\\udfff": 1}'), "/data/x/?", "json-character"),
    ("noncharacters 400", with_data('"\\ufffe"'), "/data/x", "json-character"),
    ("noncharacters 400: raw", with_data('"\ufdd0"'), "/data/x", "json-character"),
    ("noncharacters 400: beyond the first plane", with_data('"\U0001ffff"'), "/data/x", "json-character"),
    ("no duplicate names", with_data('1, "title": "y"'), "/data/title", "json-duplicate-name"),
    ("no duplicate names: deep", with_data('{"a": 1, "a": 1}'), "/data/x/a", "json-duplicate-name"),
    ("no duplicate names: escaped", with_data('{"a": 1, "\\u0061": 1}'), "/data/x/a", "json-duplicate-name"),
    (
        "no duplicate names: pointer is escaped",
        with_data('{"a/~": 1, "a/~": 1}'),
        "/data/x/a~1~0",
        "json-duplicate-name",
    ),
    ("no NaN", with_data("NaN"), "/data/x", "json-number"),
    ("no NaN: infinities", with_data("-Infinity"), "/data/x", "json-number"),
    ("numbers beyond double: 400", with_data("1e309"), "/data/x", "json-number"),
    ("numbers beyond double: 400, integers", with_data("9" * 400), "/data/x", "json-number"),
    ("numbers beyond double: 400, more digits than Python reads", with_data("9" * 10_000), "/data/x", "json-number"),
    ("depth > 32", with_data(nested(31).decode()), "/data/x" + "/0" * 30, "json-depth"),
    ("depth > 32: far", with_data(nested(60_000).decode()), "", "json-depth"),
)


@pytest.mark.parametrize(("body", "pointer", "rule"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_bytes_that_are_no_i_json_are_refused(body: bytes, pointer: str, rule: str) -> None:
    assert broken(post(body)) == [(400, pointer, rule)]


TAKEN: tuple[tuple[str, bytes], ...] = (
    ("depth 32 is taken", with_data(nested(30).decode())),
    ("a whole surrogate pair is a character", with_data('"\\ud83c\\udf93"')),
    ("the largest double is a number", with_data("1.7976931348623157e308")),
    ("a number too small for a double is 0", with_data("1e-400")),
    ("an integer no double holds exactly is a number", with_data("9007199254740993")),
    ("blanks around the JSON", b" \r\n\t" + json.dumps(EVENT).encode() + b"\n"),
    ("U+FEFF within a text is no BOM", with_data('"\ufeff"')),
    ("the same name in two objects", with_data('[{"a": 1}, {"a": 1}]')),
)


@pytest.mark.parametrize("body", [row[1] for row in TAKEN], ids=[row[0] for row in TAKEN])
def test_i_json_is_taken(body: bytes) -> None:
    assert broken(post(body)) == []


def test_all_faults_of_the_bytes_are_named() -> None:
    value, faults = parse_json(b'[NaN, {"a": 1e999, "a": "\\ud800"}, 1]')
    assert isinstance(value, list)
    assert [(fault.pointer, fault.rule) for fault in faults] == [
        ("/0", "json-number"),
        ("/1/a", "json-duplicate-name"),
        ("/1/a", "json-character"),
    ]


def test_a_megabyte_of_faults_is_answered_by_many_and_not_by_all() -> None:
    parsed = post(b'{"a":[' + b"NaN," * 60_000 + b"1]}")
    assert len(parsed.faults) == MAX_FAULTS
    assert parsed.status == 400


def test_a_pointer_stays_short_enough_to_print() -> None:
    name = "n" * 200_000
    assert broken(post(with_data(f'{{"{name}": NaN}}'))) == [(400, "/data/x", "json-number")]


@pytest.mark.parametrize("raw", [b"", b"nul", b"\xff", b"\xef\xbb\xbf{}"])
def test_what_is_no_json_at_all_is_missing_and_not_null(raw: bytes) -> None:
    value, faults = parse_json(raw)
    assert value is MISSING
    assert len(faults) == 1


def test_a_faulty_place_is_named_once() -> None:
    """A title that is no I-JSON is not also called a bad title."""
    members: dict[str, Any] = EVENT | {"data": DATA | {"title": "?"}}
    assert broken(post(json.dumps(members).replace('"?"', "NaN").encode())) == [(400, "/data/title", "json-number")]
