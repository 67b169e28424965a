"""A quarantined message as people read it: its structured form, and the lines its faults point to."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.monitoring.intake.showing import STRUCTURED_HEADERS, editable, glimpse, marked_lines, tidy

MESSAGE = {"id": "m", "data": {"title": " ", "tags": ["a", {"b": 1}], "none": {}}}
TEXT = json.dumps(MESSAGE)


def marked(text: str, *pointers: str, line: int | None = None) -> list[str]:
    return [one.text.strip() for one in marked_lines(text, [(p, line) for p in pointers], at_most=100) if one.is_marked]


@pytest.mark.parametrize(
    ("pointer", "lines"),
    [
        ("/data/title", ['"title": " ",']),
        ("/data/tags/1/b", ['"b": 1']),
        ("/data/unit", ['"data": {']),
        ("/data/none/x", ['"none": {}']),
        ("/source", []),
        ("", []),
    ],
)
def test_the_line_of_a_fault_is_marked_and_of_what_is_missing_the_object(pointer: str, lines: list[str]) -> None:
    assert marked(TEXT, pointer) == lines


def test_a_message_is_shown_as_it_is_with_its_lines_numbered() -> None:
    lines = marked_lines(TEXT, [], at_most=100)
    assert json.loads("\n".join(line.text for line in lines)) == MESSAGE
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))
    assert len(marked_lines(TEXT, [], at_most=3)) == 3


def test_what_is_no_json_is_marked_at_its_line() -> None:
    assert marked('{\n "a": 1,\n "b" 2}', "", line=3) == ['"b" 2}']


def test_binary_mode_is_edited_in_structured_form() -> None:
    headers = [("ce_id", b"m"), ("ce_type", b"\xff"), ("ce_x", None), ("content-type", b"application/json")]
    made = json.loads(editable(headers, b'{"title": "a"}'))
    assert made == {"id": "m", "type": "\ufffd", "x": "", "data": {"title": "a"}}
    assert json.loads(editable(headers, b"no json"))["data"] == "no json"
    assert editable(STRUCTURED_HEADERS, b"{\xff") == "{\ufffd"
    assert editable([], None) == editable(headers, None) == ""


@pytest.mark.parametrize("text", ["", "[]", "1", '{"data": 1}', '{"id": " ", "data": {"title": 1}}', "[" * 5000])
def test_an_id_and_a_title_are_found_or_not(text: str) -> None:
    assert glimpse(text) == {"message_id": None, "title": None}


HIDDEN = ('{"a": 1, "a": 2}', '{"a": NaN}', '{"a": 1e999}', "{", '"\\', '{"title": "a\\ud800"}')


@pytest.mark.parametrize("text", HIDDEN)
def test_what_showing_would_hide_is_left_as_it_is(text: str) -> None:
    assert tidy(text) == text
    assert [line.text for line in marked_lines(text, [], at_most=9)] == [text]


@pytest.mark.parametrize("depth", [30, 300, 700, 960, 5000])
def test_depth_breaks_nothing(depth: int) -> None:
    text = "[" * depth + "]" * depth
    assert tidy(text)
    assert editable([("ce_id", b"m")], text.encode())
    assert marked_lines(text, [("/0/0/0", None)], at_most=9)


def test_a_message_is_edited_line_by_line() -> None:
    assert tidy('{"a":{"b":"ộ"}}') == '{\n  "a": {\n    "b": "ộ"\n  }\n}'


@given(st.binary(max_size=200), st.lists(st.tuples(st.text(max_size=9), st.none() | st.binary(max_size=9)), max_size=3))
def test_nothing_that_was_received_breaks_the_page(body: bytes, headers: Any) -> None:
    text = editable(headers, body)
    for line in marked_lines(text, [("/a/b", None), ("", 1)], at_most=50):
        line.text.encode()
    glimpse(text)
    tidy(text).encode()


@given(
    st.recursive(st.none() | st.integers() | st.text(max_size=5), lambda v: st.lists(v) | st.dictionaries(st.text(), v))
)
def test_any_json_is_shown_as_the_same_json(value: Any) -> None:
    text = json.dumps(value)
    shown = "\n".join(line.text for line in marked_lines(text, [], at_most=10_000))
    assert value is None or json.loads(shown) == value
