"""Instants as they travel: strict RFC 3339 in, UTC with `Z` and six decimals out.

Never guesses: numbers, blanks, naive times and `+0700` are refused.
"""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt](?:[01][0-9]|2[0-3]):[0-5][0-9]:(?P<seconds>[0-5][0-9]|60)(?:\.[0-9]+)?"
    r"(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def parse_time(text: str) -> datetime:
    """Return the UTC instant that a strict RFC 3339 text names.

    Shape:   `T`, seconds, `Z` or an offset up to 23:59; lower-case t/z taken; `:60` read as `:59`; cut to microseconds.
    Raises:  ValueError when the text is anything else, or its UTC instant lies outside the years 1..9999.
    """
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError("not an RFC 3339 time such as 2026-11-20T16:00:00+07:00")
    if match["seconds"] == "60":
        text = text[:17] + "59" + text[19:]
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"not a time of the calendar: {error}") from None


def format_time(instant: datetime) -> str:
    """Return the instant as UTC text with `Z` and six decimals, the one form in messages, ids and digests.

    Raises:  ValueError when the datetime is naive.
    """
    if instant.tzinfo is not UTC:
        if instant.utcoffset() is None:
            raise ValueError("a naive datetime is no instant")
        instant = instant.astimezone(UTC)
    return instant.isoformat(timespec="microseconds")[:-6] + "Z"


def _to_instant(value: Any) -> datetime:
    if isinstance(value, str):
        return parse_time(value)
    if isinstance(value, datetime):
        if value.tzinfo is None or value.utcoffset() is None:
            raise ValueError("a naive datetime is no instant")
        try:
            return value.astimezone(UTC)
        except OverflowError:
            raise ValueError("outside the years 1..9999 in UTC") from None
    raise ValueError("a time is a text in RFC 3339 form")


def _to_local_date(value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and _DATE.fullmatch(value):
        return date.fromisoformat(value)
    raise ValueError("a date is a text such as 2026-11-20")


Instant = Annotated[
    datetime,
    PlainValidator(_to_instant),
    PlainSerializer(format_time, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
LocalDate = Annotated[
    date,
    PlainValidator(_to_local_date),
    PlainSerializer(date.isoformat, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date"}),
]
