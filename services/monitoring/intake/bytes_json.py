"""Strict I-JSON (RFC 7493) from bytes: a value, and every fault with its pointer.

Pure. Never guesses an encoding and never lets one name hide another.
"""

import json
import math
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from services.monitoring.intake.faults import MAX_FAULTS, Fault, name_character, point

MAX_DEPTH = 32
_BOM = b"\xef\xbb\xbf"
_PLANES = "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
_NO_CHARACTER = re.compile(f"[\ud800-\udfff\ufdd0-\ufdef{_PLANES}]")


class Missing:
    """The type of what stands for a value that is not there (null is there)."""


MISSING = Missing()


class _NoNumber:
    """What stands for NaN, an infinity or a number beyond a double until its place is known."""


class _Repeating(dict[str, Any]):
    """An object in which names were given twice."""

    repeated: tuple[str, ...] = ()


def parse_json(raw: bytes, *at: object) -> tuple[Any, list[Fault]]:
    """Return the value of the bytes and all faults in them; the value is MISSING when the bytes are no JSON at all.

    Shape:   `at` are the parts of the pointer to the value. Depth counts the levels of this text alone.
    """
    if raw.startswith(_BOM):
        return MISSING, [Fault(point(*at), "json-bom")]
    try:
        value = _DECODER.decode(raw.decode())
    except UnicodeDecodeError:
        return MISSING, [Fault(point(*at), "json-not-utf8")]
    except json.JSONDecodeError as error:
        return MISSING, [Fault(point(*at), "json-malformed", {"line": error.lineno, "column": error.colno})]
    except RecursionError:
        return MISSING, [_too_deep(at)]
    return value, list(islice(_faults(value, at, 0), MAX_FAULTS))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) == len(pairs):
        return value
    seen: set[str] = set()
    repeating = _Repeating(value)
    repeating.repeated = tuple(dict.fromkeys(name for name, _ in pairs if name in seen or seen.add(name)))  # type: ignore[func-returns-value]
    return repeating


def _float(token: str) -> float | _NoNumber:
    number = float(token)
    return number if math.isfinite(number) else _NoNumber()


def _integer(token: str) -> int | _NoNumber:
    return int(token) if len(token) <= 300 or math.isfinite(float(token)) else _NoNumber()


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=_float, parse_int=_integer, parse_constant=lambda _: _NoNumber()
)


def _too_deep(at: tuple[object, ...]) -> Fault:
    return Fault(point(*at), "json-depth", {"limit": MAX_DEPTH})


def _faults(value: Any, at: tuple[object, ...], depth: int) -> Iterator[Fault]:
    if isinstance(value, str):
        yield from _text_faults(value, at)
    elif isinstance(value, _NoNumber):
        yield Fault(point(*at), "json-number")
    elif isinstance(value, (dict, list)):
        if depth == MAX_DEPTH:
            yield _too_deep(at)
            return
        if isinstance(value, dict):
            yield from _name_faults(value, at)
        for part, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _faults(inner, (*at, part), depth + 1)


def _name_faults(value: dict[str, Any], at: tuple[object, ...]) -> Iterator[Fault]:
    for name in value.repeated if isinstance(value, _Repeating) else ():
        yield Fault(point(*at, name), "json-duplicate-name")
    for name in value:
        yield from _text_faults(name, (*at, name))


def _text_faults(text: str, at: tuple[object, ...]) -> Iterator[Fault]:
    found = None if text.isascii() else _NO_CHARACTER.search(text)
    if found:
        yield Fault(point(*at), "json-character", {"character": name_character(found[0])})
