"""The canonical JSON of RFC 8785 and the digest over it.

Never rounds: what a double cannot hold exactly as an integer, NaN, and lone surrogates are refused.
"""

import hashlib
import math
from collections.abc import Callable, Mapping
from datetime import datetime
from json.encoder import encode_basestring
from typing import Any

from contracts.times import format_time

SAFE_INTEGER = 2**53 - 1


def canonical_json(value: Any) -> bytes:
    """Return the RFC 8785 bytes of a JSON value; aware datetimes become texts with `Z` and six decimals.

    Raises:  ValueError for NaN, infinities, integers beyond 2^53-1, naive datetimes and lone surrogates;
             TypeError for what is no JSON value.
    """
    parts: list[str] = []
    _write(value, parts.append)
    return "".join(parts).encode()


def digest(value: Any) -> str:
    """Return `sha256:<hex>` of the canonical JSON of the value."""
    return "sha256:" + hashlib.sha256(canonical_json(value)).hexdigest()


def format_number(number: float) -> str:
    """Return a number as ECMAScript writes it (shortest digits that read back, exponent from 1e21 and below 1e-6).

    Raises:  ValueError for NaN and infinities.
    """
    if not math.isfinite(number):
        raise ValueError("NaN and infinities are no JSON")
    if number == 0:
        return "0"
    mantissa, _, exponent = repr(abs(number)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    # the value is 0.<digits> * 10^point
    point = int(exponent or 0) + len(whole) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    return ("-" if number < 0 else "") + _place_point(digits, point)


def _place_point(digits: str, point: int) -> str:
    if len(digits) <= point <= 21:
        return digits.ljust(point, "0")
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return "0." + "0" * -point + digits
    exponent = f"e{point - 1:+d}"
    return digits[0] + ("." + digits[1:] if len(digits) > 1 else "") + exponent


def _utf16(key: str) -> bytes:
    return key.encode("utf-16-be")


def _write(value: Any, out: Callable[[str], None]) -> None:
    if isinstance(value, str):
        out(encode_basestring(value))
    elif value is None:
        out("null")
    elif isinstance(value, bool):
        out("true" if value else "false")
    elif isinstance(value, int):
        out(_integer(value))
    elif isinstance(value, float):
        out(format_number(value))
    elif isinstance(value, Mapping):
        _write_object(value, out)
    elif isinstance(value, (list, tuple)):
        _write_array(value, out)
    elif isinstance(value, datetime):
        out(encode_basestring(format_time(value)))
    else:
        raise TypeError(f"no JSON value: {type(value).__name__}")


def _integer(value: int) -> str:
    if not -SAFE_INTEGER <= value <= SAFE_INTEGER:
        raise ValueError("an integer beyond 2^53-1 has no exact double")
    return int.__repr__(value)


def _write_object(value: Mapping[Any, Any], out: Callable[[str], None]) -> None:
    keys = list(value)
    if not all(isinstance(key, str) for key in keys):
        raise TypeError("names in a JSON object are texts")
    separator = "{"
    # code point order is UTF-16 order as long as all names are ASCII
    for key in sorted(keys, key=None if all(map(str.isascii, keys)) else _utf16):
        out(separator + encode_basestring(key) + ":")
        _write(value[key], out)
        separator = ","
    out("}" if keys else "{}")


def _write_array(value: list[Any] | tuple[Any, ...], out: Callable[[str], None]) -> None:
    out("[")
    for position, item in enumerate(value):
        if position:
            out(",")
        _write(item, out)
    out("]")
