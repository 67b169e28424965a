"""What the forms of the pages of versions ask for, made into what the API takes; pure.

Never a rule of its own: what can be read is handed on, and refused or not where the API is.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from contracts.codes import DayUnit, RequirementCode, Roll
from contracts.fields import Code, Record, Text, Title
from contracts.times import LocalDate
from services.chassis.decision import Refusal
from services.monitoring.versions.refusals import refuse

Json = dict[str, Any]
_TYPED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_LINE = re.compile(r"(\d{1,2}/\d{1,2}/\d{4})[\s:–-]+(\S.*)")


def typed_day(value: object) -> object:
    """Return the date of a day typed as dd/MM/yyyy; anything else is left to the field's own check. Source: 4.1"""
    found = _TYPED.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        return value
    day, month, year = map(int, found.groups())
    try:
        return date(year, month, day)
    except ValueError as error:
        raise ValueError("is no day and time of the calendar") from error


TypedDate = Annotated[LocalDate, BeforeValidator(typed_day)]


class DayForm(Record):
    """One day made a day off, or worked."""

    day: TypedDate
    is_off: bool
    name: Title | None = None
    instead_of: TypedDate | None = None
    provisional: bool = False
    based_on: Code | None = None
    expected_last: Code | None = None

    def given(self) -> Json:
        """What the API would take."""
        change = {"date": self.day, "is_off": self.is_off, "name": self.name, "instead_of": self.instead_of}
        named = {"based_on": self.based_on, "expected_last": self.expected_last, "provisional": self.provisional}
        return {"days": [{name: value for name, value in change.items() if value is not None}], **named}


class YearForm(Record):
    """A new range of days with what rests in it, one day a line."""

    first: TypedDate
    last: TypedDate
    version: Code | None = None
    days_off: Annotated[str, Text(20_000, min_length=0, prose=True)] = ""
    provisional: bool = False
    expected_last: Code | None = None

    def given(self) -> tuple[Json, tuple[Refusal, ...]]:
        """What the API would take, and the lines that cannot be read."""
        days, faults = [], []
        lines = (line.strip() for line in self.days_off.splitlines())
        for number, line in enumerate(lines, 1):
            found = _LINE.fullmatch(line)
            try:
                if line:
                    days.append({"date": typed_day(found[1]) if found else "", "name": found[2] if found else ""})
                if line and not found:
                    faults.append(refuse("day-unreadable", "/days_off", line=number))
            except ValueError:
                faults.append(refuse("day-unreadable", "/days_off", line=number))
        named = {"version": self.version, "expected_last": self.expected_last, "provisional": self.provisional}
        return {"covers": [self.first, self.last], "days_off": days, "make_up_days": [], **named}, tuple(faults)


class PolicyForm(Record):
    """One way of counting for some requirements."""

    requirements: Annotated[tuple[RequirementCode, ...], Field(min_length=1)]
    days: Annotated[int, Field(ge=0)]
    unit: DayUnit
    roll: Roll
    grace_s: Annotated[int, Field(ge=0)] = 60
    version: Code | None = None
    expected_last: Code | None = None

    def given(self) -> Json:
        """What the API would take."""
        rule = {"days": self.days, "unit": self.unit.value, "roll": self.roll.value, "grace_s": self.grace_s}
        rules = {code.value: rule for code in self.requirements}
        return {"requirements": rules, "version": self.version, "expected_last": self.expected_last}


def at_form(refusals: Iterable[Refusal]) -> tuple[Refusal, ...]:
    """Return what the API refuses with the fields of the form in the place of its pointers. Source: 4.1"""
    return tuple(replace(one, pointer=_field_of(one.pointer)) for one in refusals)


def _field_of(pointer: str) -> str:
    if pointer.startswith("/days/") or pointer.startswith("/requirements/"):
        return f"/{pointer.rpartition('/')[2]}"
    if pointer.endswith("/for"):
        return "/instead_of"
    if pointer.startswith(("/days_off/", "/make_up_days/")):
        return "/days_off"
    return {"/covers": "/last", "/expected_last": "", "/based_on": ""}.get(pointer, pointer)
