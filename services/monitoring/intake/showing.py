"""A quarantined message as people read and edit it: its structured form as text, and the lines its faults point to.

Pure. Never decides, and never raises on what a stranger sent.
"""

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from services.monitoring.intake.bindings import MAX_EVENT_BYTES, STRUCTURED
from services.monitoring.intake.faults import point

Headers = Sequence[tuple[str, bytes | None]]
STRUCTURED_HEADERS: Headers = (("content-type", STRUCTURED.encode()),)
_DEEPEST = 40
_GLIMPSED = 300
_PREFIX = "ce_"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a message as shown."""

    number: int
    text: str
    is_marked: bool


def editable(headers: Headers, body: bytes | None) -> str:
    """Return the structured form of a record as text: its own body, or in binary mode the members made of both.

    Shape:   what cannot be text is left out or replaced; a record without a body is an empty text.
    """
    text = (body or b"").decode("utf-8", "replace")
    attributes = {name[len(_PREFIX) :]: value for name, value in headers if name.startswith(_PREFIX)}
    if body is None or not attributes:
        return text
    members: dict[str, Any] = {name: (value or b"").decode("utf-8", "replace") for name, value in attributes.items()}
    data = _read(text)
    try:
        return as_text(members | {"data": text if data is None else data})
    except RecursionError:
        return as_text(members | {"data": text})


def as_text(members: Any) -> str:
    """Return a message as people edit it."""
    return json.dumps(members, ensure_ascii=False, indent=2)


def tidy(text: str) -> str:
    """Return a message's text in lines of one member each; as it is when it is not strictly JSON."""
    members = _read(text)
    try:
        return text if members is None else as_text(members)
    except RecursionError:
        return text


def read_members(text: str) -> dict[str, Any]:
    """Return the members of a message that is a JSON object, else none."""
    members = _read(text)
    return members if isinstance(members, dict) else {}


def glimpse(text: str) -> dict[str, str | None]:
    """Return what can be told of a message that breaks rules: its `message_id` and `title`, where there are any."""
    members = read_members(text)
    data = members.get("data")
    title = data.get("title") if isinstance(data, dict) else None
    return {"message_id": _some(members.get("id")), "title": _some(title)}


def _some(value: Any) -> str | None:
    return value[:_GLIMPSED] if isinstance(value, str) and value.strip() else None


def marked_lines(text: str, faults: Iterable[tuple[str, int | None]], *, at_most: int) -> tuple[Line, ...]:
    """Return the message line by line, with the lines marked that its faults are about.

    Shape:   faults are (pointer, line of the bytes that cannot be read as JSON or None).
    """
    value = _read(text)
    lines = [("", line) for line in text.splitlines()] if value is None else list(_lines(value, "", "", 0))
    marked = {line for _, line in faults if line} if value is None else _places(lines, [p for p, _ in faults])
    shown = enumerate(lines[:at_most], 1)
    return tuple(Line(number, line, number in marked) for number, (_, line) in shown)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a name is there twice")
    return members


def _finite(token: str) -> float:
    number = float(token)
    if not math.isfinite(number):
        raise ValueError("no JSON, or beyond a double")
    return number


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_float=_finite, parse_constant=_finite)


def _read(text: str) -> Any:
    """The value of the text, None when showing it as a value would hide what is wrong with it, or take too long."""
    if len(text) > MAX_EVENT_BYTES:
        return None
    try:
        value = _DECODER.decode(text)
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode()  # half a character is no text
        return value
    except (ValueError, RecursionError):
        return None


def _lines(value: Any, pointer: str, head: str, depth: int) -> Iterator[tuple[str, str]]:
    pad = "  " * depth
    if not isinstance(value, (dict, list)) or not value or depth > _DEEPEST:
        yield pointer, pad + head + ("…" if depth > _DEEPEST else _flat(value))
        return
    is_object = isinstance(value, dict)
    members: list[tuple[Any, Any]] = list(value.items() if isinstance(value, dict) else enumerate(value))
    yield pointer, pad + head + ("{" if is_object else "[")
    for name, inner in members:
        inside = list(_lines(inner, pointer + point(name), f"{_flat(name)}: " if is_object else "", depth + 1))
        yield from inside[:-1]
        yield inside[-1][0], inside[-1][1] + ("," if name != members[-1][0] else "")
    yield "", pad + ("}" if is_object else "]")


def _flat(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _places(lines: Sequence[tuple[str, str]], pointers: Iterable[str]) -> set[int]:
    """The number of the line that each pointer leads to; of a missing member, of what it is missing in."""
    first: dict[str, int] = {}
    for number, (pointer, _) in enumerate(lines, 1):
        first.setdefault(pointer, number)
    found = set()
    for pointer in pointers:
        while pointer and pointer not in first:
            pointer = pointer.rpartition("/")[0]  # noqa: PLW2901 - climbs to what is there
        if pointer:
            found.add(first[pointer])
    return found
