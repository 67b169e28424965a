"""P10: whatever one thing is changed, dropped, moved, put in or cut off, the verifier says where."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.audit.chain import ORIGIN, Entry, Head, entry_after, parse_head
from services.chassis.audit.verifying import Fault, Kind, read_lines, verify, write_line

TEXTS = st.text(st.characters(codec="utf-8"), max_size=8)
ROWS = st.fixed_dictionaries(
    {"id": TEXTS, "actor": TEXTS, "reason": TEXTS, "facts": st.lists(TEXTS, max_size=2)},
    optional={"details": st.dictionaries(TEXTS, TEXTS, max_size=2)},
)
LOGS = st.lists(ROWS, min_size=2, max_size=8).map(lambda rows: chain(*rows))


def chain(*rows: dict[str, Any], after: Head = ORIGIN) -> list[Entry]:
    made: list[Entry] = []
    for row in rows:
        made.append(entry_after(after, row))
        after = head_of(made)
    return made


def head_of(entries: list[Entry]) -> Head:
    return Head(entries[-1]["n"], entries[-1]["hash"])


def faults(entries: list[Any], *heads: Head) -> tuple[Fault, ...]:
    return verify(entries, heads).faults


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where a value stands within an entry, all of them."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, one in inner for place in places(one, (*path, key)))]


def replaced(entry: Entry, path: tuple[Any, ...], value: Any) -> Entry:
    made = copy.deepcopy(entry)
    within: Any = made
    for key in path[:-1]:
        within = within[key]
    within[path[-1]] = value
    return made


@given(LOGS)
def test_a_log_as_it_was_written_is_whole_with_and_without_its_head(log: list[Entry]) -> None:
    assert faults(log) == faults(log, head_of(log)) == faults(log, *(Head(e["n"], e["hash"]) for e in log)) == ()
    again = list(read_lines([write_line(entry) for entry in log]))
    assert again == log


@given(LOGS, st.data())
def test_any_one_value_changed_is_found_at_its_entry(log: list[Entry], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(log) - 1))
    path = data.draw(st.sampled_from(places(log[at])[1:]))
    value = data.draw(TEXTS | st.integers(0, 9) | st.booleans() | st.none() | st.lists(TEXTS, max_size=1))
    changed = [*log[:at], replaced(log[at], path, value), *log[at + 1 :]]
    if json.dumps(changed[at], sort_keys=True) != json.dumps(log[at], sort_keys=True):
        found = faults(changed, head_of(log))
        assert found
        if path[0] == "row":
            assert found[0] == Fault(
                Kind.CHANGED if isinstance(changed[at]["row"], dict) else Kind.UNREADABLE, at + 1, at + 1
            )


@given(LOGS, st.data())
def test_a_field_put_in_or_taken_out_is_found(log: list[Entry], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(log) - 1))
    inside = data.draw(st.booleans())
    made = copy.deepcopy(log)
    place = made[at]["row"] if inside else made[at]
    name = data.draw(st.sampled_from([*place, "extra"]))
    if place.pop(name, None) is None:
        place[name] = ""
    assert Fault(Kind.CHANGED if inside else Kind.UNREADABLE, at + 1, at + 1) in faults(made, head_of(log))


@given(LOGS, st.data())
def test_any_entries_dropped_are_found_and_counted(log: list[Entry], data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(log) - 1))
    last = data.draw(st.integers(first, len(log) - 1))
    kind = Kind.CUT if last == len(log) - 1 else Kind.DROPPED
    assert faults([*log[:first], *log[last + 1 :]], head_of(log)) == (Fault(kind, first + 1, last + 1),)


@given(LOGS, st.data())
def test_any_two_lines_that_changed_places_are_found(log: list[Entry], data: st.DataObject) -> None:
    a, b = data.draw(st.lists(st.integers(0, len(log) - 1), min_size=2, max_size=2, unique=True).map(sorted))
    moved = list(log)
    moved[a], moved[b] = moved[b], moved[a]
    found = faults(moved, head_of(log))
    assert {fault.kind for fault in found} == {Kind.REORDERED}
    assert found[-1].n == a + 1


@given(LOGS, st.data())
def test_acts_that_changed_places_under_their_numbers_are_found(log: list[Entry], data: st.DataObject) -> None:
    a, b = data.draw(st.lists(st.integers(0, len(log) - 1), min_size=2, max_size=2, unique=True).map(sorted))
    moved = [*log]
    moved[a], moved[b] = log[a] | {"row": log[b]["row"]}, log[b] | {"row": log[a]["row"]}
    if log[a]["row"] != log[b]["row"]:
        expected = (Fault(Kind.CHANGED, a + 1, a + 1), Fault(Kind.CHANGED, b + 1, b + 1))
        assert faults(moved, head_of(log)) == expected


@given(LOGS, st.data())
def test_a_line_put_in_between_is_found(log: list[Entry], data: st.DataObject) -> None:
    at = data.draw(st.integers(1, len(log)))
    forged = entry_after(Head(at - 1, log[at - 1]["previous"]), {"id": "forged"})
    assert Fault(Kind.INSERTED, at, at) in faults([*log[:at], forged, *log[at:]], head_of(log))


@given(LOGS, st.data())
def test_an_entry_written_anew_with_its_digest_does_not_fit_the_next(log: list[Entry], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(log) - 1))
    forged = entry_after(Head(at, log[at]["previous"]), {"id": "forged"})
    found = faults([*log[:at], forged, *log[at + 1 :]], head_of(log))
    is_last = at == len(log) - 1
    assert found == (Fault(Kind.REPLACED, at + 1, at + 1) if is_last else Fault(Kind.UNLINKED, at + 2, at + 2),)


@given(LOGS, st.data())
def test_a_chain_written_anew_from_any_entry_on_is_found_by_a_kept_head(log: list[Entry], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(log) - 1))
    rows = [entry["row"] for entry in log]
    anew = [*log[:at], *chain({"id": "forged"}, *rows[at + 1 :], after=Head(at, log[at]["previous"]))]
    assert faults(anew) == (), "alone it is a chain"
    assert faults(anew, head_of(log)) == (Fault(Kind.REPLACED, len(log), len(log)),)


HOSTILE: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("two rows in one line", lambda line: line.replace('"row":', '"row":{"id":"shown"},"row":', 1)),
    ("no JSON", lambda line: line[:-3]),
    ("a blank line", lambda line: ""),
    ("a list", lambda line: f"[{line}]"),
    ("not a number", lambda line: line.replace('"n":2', '"n":NaN')),
    ("a number as a text", lambda line: line.replace('"n":2', '"n":"2"')),
    ("a number that is true", lambda line: line.replace('"n":2', '"n":true')),
    ("a number below one", lambda line: line.replace('"n":2', '"n":0')),
    ("very deep", lambda line: "[" * 100_000),
)


@pytest.mark.parametrize(("name", "spoil"), HOSTILE, ids=[name for name, _ in HOSTILE])
def test_a_line_that_is_no_entry_is_named_by_its_place(name: str, spoil: Callable[[str], str]) -> None:
    lines = [write_line(entry) for entry in chain({"id": "a"}, {"id": "b"}, {"id": "c"})]
    lines[1] = spoil(lines[1])
    assert faults(list(read_lines(lines))) == (Fault(Kind.UNREADABLE, 2, 2), Fault(Kind.DROPPED, 2, 2))


@pytest.mark.parametrize("row", [{"id": "\ud800"}, {"id": 2**60}, {"id": {1: "x"}}], ids=["surrogate", "large", "name"])
def test_what_has_no_digest_is_a_changed_entry(row: Any) -> None:
    log = chain({"id": "a"}, {"id": "b"})
    assert faults([log[0], log[1] | {"row": row}]) == (Fault(Kind.CHANGED, 2, 2),)


def test_a_verification_goes_on_where_it_stood_and_minds_heads_that_come_later() -> None:
    log = chain(*({"id": str(n)} for n in range(6)))
    checked = verify(log[:3])
    checked.keep(head_of(log[:5]))
    assert checked.faults == (Fault(Kind.CUT, 4, 5),)
    for entry in log[3:]:
        checked.take(entry)
    assert (checked.faults, checked.count, checked.head) == ((), 6, head_of(log))
    checked.keep(Head(6, ORIGIN.hash))
    assert checked.faults == (Fault(Kind.REPLACED, 6, 6),)


def test_a_head_is_read_as_it_is_written() -> None:
    head = head_of(chain({"id": "a"}))
    assert parse_head(f" {head}\n") == head
    for wrong in ("", "1", "1:", "x:" + head.hash, "1:sha256:12", "-1:" + head.hash, "1:sha256:" + "g" * 64):
        with pytest.raises(ValueError, match="a head is"):
            parse_head(wrong)


def test_every_fault_has_words() -> None:
    assert {str(Fault(kind, 3, 5)) for kind in Kind} == {str(Fault(kind, 3, 5)) for kind in set(Kind)}
    assert str(Fault(Kind.DROPPED, 3, 3)) == "entry 3 is missing"
    assert str(Fault(Kind.CUT, 3, 5)) == "the end was cut off: entries 3 to 5 are missing"
