"""Whose paper a document is on: the names of school and office, each valid for a time; pure.

Never a person's name: number, signature and name stay open until the e-office gives them.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import pairwise
from typing import Annotated, Self

from pydantic import Field, TypeAdapter, model_validator

from contracts.fields import Record, Title
from contracts.times import LocalDate


class Letterhead(Record):
    """The names on a document of so many days, both included; an open end is None. Shape: school is line by line."""

    valid_from: LocalDate
    valid_to: LocalDate | None = None
    school: Annotated[tuple[Title, ...], Field(min_length=1)]
    office: Title
    symbol: Title
    place: Title
    signer: Title
    recipients: tuple[Title, ...]

    @model_validator(mode="after")
    def _ends_after_its_start(self) -> Self:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError("valid_to is before valid_from")
        return self


def read_letterheads(text: bytes) -> tuple[Letterhead, ...]:
    """Read the names, in the order of their days; raises ValueError when two are valid on one day, or none is there."""
    found = sorted(TypeAdapter(list[Letterhead]).validate_json(text), key=lambda one: one.valid_from)
    if not found:
        raise ValueError("no letterhead")
    for before, after in pairwise(found):
        if before.valid_to is None or before.valid_to >= after.valid_from:
            raise ValueError(f"two letterheads are valid on {after.valid_from}")
    return tuple(found)


def letterhead_on(letterheads: Sequence[Letterhead], day: date) -> Letterhead:
    """The names on a day: the last that had begun by then, so that a gap leaves no document without one."""
    begun: Iterable[Letterhead] = [one for one in letterheads if one.valid_from <= day]
    return max(begun, key=lambda one: one.valid_from, default=letterheads[0])
