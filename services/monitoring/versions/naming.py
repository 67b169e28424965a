"""How versions are called, which one follows which, and when a new one is issued; pure.

Never two versions of a kind with one name, and never one that is issued before an earlier one.
"""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from contracts.monitoring import CalendarIssued, PolicyIssued
from services.chassis.decision import Refusal
from services.monitoring.algebra.calendars import CalendarVersion, PolicyVersion, Version
from services.monitoring.algebra.due import Versions
from services.monitoring.algebra.instants import to_instant, to_stamp
from services.monitoring.versions.refusals import refuse

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\.[1-9][0-9]{0,3}")
# Two acts at one instant would be put in order by chance.
TICK = timedelta(microseconds=1)


def calendars_in(versions: Versions) -> tuple[CalendarVersion, ...]:
    """Return the versions of the calendar in the order in which they were issued. Source: A3"""
    return tuple(version for version in versions.ordered if isinstance(version, CalendarVersion))


def policies_in(versions: Versions) -> tuple[PolicyVersion, ...]:
    """Return the versions of the policy in the order in which they were issued. Source: A3"""
    return tuple(version for version in versions.ordered if isinstance(version, PolicyVersion))


def calendar_of(data: CalendarIssued) -> CalendarVersion:
    """Return the version that data would bring once they were announced. Source: A3"""
    return CalendarVersion(data, "", data.version, to_stamp(data.issued_at))


def policy_of(data: PolicyIssued) -> PolicyVersion:
    """Return the version that data would bring once they were announced. Source: A3"""
    return PolicyVersion(data, "", data.version, to_stamp(data.issued_at))


def issued_at(now: datetime, versions: Versions) -> datetime:
    """Return when a new version is issued: now, and after every other also where the clock has not moved on since.

    Source: the obligation, Algebra (taken in the order of issued_at)
    """
    last = versions.issued[-1] if versions.issued else None
    return now if last is None else max(now, to_instant(last) + TICK)


def next_name(like: str, versions: Iterable[Version]) -> str:
    """Return the first free name with the next number: after vn-2026.1 comes vn-2026.2. Source: A3"""
    taken = {version.version for version in versions}
    stem, _, number = like.rpartition(".")
    count = int(number) if stem and number.isdecimal() else 0
    while (name := f"{stem or like}.{count + 1}") in taken:
        count += 1
    return name


def check_name(name: str, known: Iterable[Version]) -> tuple[Refusal, ...]:
    """Return why a version cannot be called so. Source: A3"""
    if not _NAME.fullmatch(name):
        return (refuse("version-format", "/version", version=name),)
    if name in {version.version for version in known}:
        return (refuse("version-used", "/version", version=name),)
    return ()


def check_last(expected: str | None, known: Iterable[Version]) -> tuple[Refusal, ...]:
    """Return whether another version was issued since somebody looked. Source: A3"""
    last = next(reversed([version.version for version in known]), None)
    return (refuse("version-newer", "/expected_last", version=last),) if expected and expected != last else ()
