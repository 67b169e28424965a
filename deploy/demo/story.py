"""The demo's school year as a list of acts in the order of time; pure: the same seed tells the same story."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from deploy.demo import words

LOCAL = timedelta(hours=7)
SCHOOL_YEAR = "2025-2026"
FIRST_DAY, LAST_DAY = date(2025, 9, 3), date(2026, 8, 12)
CUT_OFF = datetime(2026, 8, 15, 10, tzinfo=UTC)
EVENTS = 300
QUIET_DAYS = {(date(2026, 2, 12) + timedelta(days=n)) for n in range(13)}


@dataclass(frozen=True, order=True)
class Act:
    """One thing that somebody does at `at` (UTC); `name` says which call, `key` makes it repeatable."""

    at: datetime
    key: str
    name: str = field(compare=False)
    given: dict[str, Any] = field(compare=False, default_factory=dict)


def local(day: date, hour: float) -> datetime:
    """The UTC instant of a local day and hour."""
    return datetime.combine(day, time(), UTC) - LOCAL + timedelta(hours=hour)


def parse_local(text: str) -> datetime:
    """The UTC instant of a local date and hour such as 2025-09-22T07:30."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC) - LOCAL


def tell(seed: int, events: int = EVENTS) -> list[Act]:
    """All acts of a year with so many events, in order."""
    dice = random.Random(seed)
    acts = [act for n in range(events - len(words.FOCALS)) for act in _event(dice, n)]
    for focal in words.FOCALS:
        acts += _focal(dice, focal)
    if events >= EVENTS:
        acts += _routine_news(dice)
    return sorted(act for act in acts if act.at < CUT_OFF)


def _day(dice: random.Random) -> date:
    while True:
        day = FIRST_DAY + timedelta(days=dice.randrange((LAST_DAY - FIRST_DAY).days))
        is_kept = dice.random() < (0.35 if day.weekday() > 4 else 1) * (0.4 if day.month in (7, 8) else 1)
        if is_kept and day not in QUIET_DAYS:
            return day


def _event(dice: random.Random, n: int) -> Iterator[Act]:
    occasion = dice.choice(words.OCCASIONS)
    day, begin, length = _day(dice), dice.choice((7.5, 8, 9, 13.5, 14, 18)), dice.choice((1.5, 2, 3, 3.5))
    starts, ends = local(day, begin), local(day, begin + length)
    key = f"SK-{n + 1:04}"
    report = {
        "event_id": key,
        "title": occasion.title.format(n=n % 9 + 1),
        "unit": occasion.unit,
        "started_at": starts,
        "ended_at": ends,
        "topic_area": occasion.topic_area,
        "place": dice.choice(words.PLACES),
    }
    source = {"source": occasion.source, "event_id": key}
    fate = dice.random()
    is_announced = dice.random() < 0.25 or fate < 0.02
    if is_announced:
        yield Act(starts - timedelta(days=3), f"{key}/scheduled", "scheduled", source | {"report": report})
    if fate < 0.02:
        reason = {"event_id": key, "reason": words.CANCEL_REASON}
        yield Act(starts - timedelta(hours=20), f"{key}/cancelled", "cancelled", source | {"report": reason})
        return
    notice = timedelta(hours=dice.uniform(0.3, 7)) if dice.random() < 0.94 else timedelta(hours=dice.uniform(60, 80))
    yield Act(ends + notice, f"{key}/held", "held", source | {"report": report})
    known_at = ends + notice
    if fate > 0.985:
        moved = report | {"ended_at": ends + timedelta(days=1), "revision": 2}
        told_at = max(known_at, ends + timedelta(days=1)) + timedelta(hours=1)
        yield Act(told_at, f"{key}/held/2", "held", source | {"report": moved})
    if occasion.tier != "ROUTINE":
        given = source | {"tier": occasion.tier}
        yield Act(known_at + timedelta(minutes=20), f"{key}/classified", "classified", given)
    yield from _publicity(dice, source | {"key": key, "title": report["title"], "tier": occasion.tier}, known_at)


def _publicity(dice: random.Random, about: dict[str, Any], known_at: datetime) -> Iterator[Act]:
    """What contributors send of the event and what the office publishes of it: on time, late or never."""
    fate, key = dice.random(), about["key"]
    if fate < 0.03:
        if dice.random() < 0.5:
            at = known_at + timedelta(days=2)
            yield Act(at, f"{key}/waived", "waived", about | {"requirement": "E_BOARD"})
        return
    sent_at = known_at + timedelta(hours=dice.uniform(1, 20))
    yield Act(sent_at, f"{key}/submitted", "submitted", about)
    delay = timedelta(hours=dice.uniform(1, 22)) if fate < 0.92 else timedelta(days=dice.uniform(3, 6))
    shown_at = sent_at + delay
    yield Act(shown_at, f"{key}/published/VI_WEB", "published", about | {"channel": "VI_WEB"})
    others = ["E_BOARD"] + (["PRESS"] if about["tier"] != "ROUTINE" else [])
    for channel in others:
        if dice.random() < 0.97:
            later = shown_at + timedelta(hours=dice.uniform(0.2, 9))
            yield Act(later, f"{key}/published/{channel}", "published", about | {"channel": channel})
    if fate > 0.9 and fate < 0.92:
        yield Act(shown_at + timedelta(hours=30), f"{key}/corrected", "corrected", about | {"channel": "VI_WEB"})
    if 0.89 < fate < 0.9:
        yield Act(shown_at + timedelta(hours=12), f"{key}/withdrawn", "withdrawn", about | {"channel": "VI_WEB"})


def _routine_news(dice: random.Random) -> Iterator[Act]:
    """The plan's routine items, most of them done within their period."""
    for item_id, channel, title, first_day, every_days in words.ROUTINE_NEWS:
        for n in range((LAST_DAY - first_day).days // every_days):
            day = first_day + timedelta(days=n * every_days)
            if dice.random() < 0.12 or day in QUIET_DAYS:
                continue
            about = {"item": item_id, "key": f"{item_id}-{n + 1:02}", "title": title.format(n=n + 1)}
            sent_at = local(day, 8.5) + timedelta(hours=dice.uniform(0, 20))
            yield Act(sent_at, f"{about['key']}/submitted", "submitted", about)
            shown_at = sent_at + timedelta(hours=dice.uniform(1, 20))
            yield Act(shown_at, f"{about['key']}/published", "published", about | {"channel": channel})


def _focal(dice: random.Random, focal: words.Focal) -> Iterator[Act]:
    """A focal milestone: news before and after, and the system of its unit reports that it was held."""
    starts, ends = parse_local(focal.starts), parse_local(focal.ends)
    report = {
        "event_id": focal.item_id.upper(),
        "title": focal.title,
        "unit": focal.unit,
        "started_at": starts,
        "ended_at": ends,
        "topic_area": focal.topic_area,
        "plan_item_id": focal.item_id,
    }
    source = {"source": words.DESK, "event_id": report["event_id"]}
    about = {"milestone": focal.item_id, "title": focal.title, "tier": "FOCAL", "key": focal.item_id}
    before = starts - timedelta(hours=dice.uniform(20, 60))
    yield Act(before - timedelta(hours=6), f"{focal.item_id}/submitted/pre", "submitted", about)
    for channel in ("VI_WEB", "E_BOARD"):
        if dice.random() < 0.9:
            yield Act(before, f"{focal.item_id}/pre/{channel}", "published", about | {"channel": channel})
    held_at = ends + timedelta(hours=dice.uniform(0.5, 4))
    yield Act(held_at, f"{focal.item_id}/held", "held", source | {"report": report})
    yield Act(held_at + timedelta(hours=2), f"{focal.item_id}/submitted/post", "submitted", about | {"part": "post"})
    for channel in ("VI_WEB", "E_BOARD", "PRESS"):
        shown_at = held_at + timedelta(hours=dice.uniform(3, 40))
        post = about | {"channel": channel, "part": "post"}
        yield Act(shown_at, f"{focal.item_id}/post/{channel}", "published", post)
