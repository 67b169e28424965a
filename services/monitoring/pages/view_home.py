"""The first page, "Hôm nay": what is missed, what is due, what is asked, and how the year stands; pure.

Never a number without the list behind it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from contracts.codes import State
from services.chassis.web.i18n import N_
from services.monitoring.algebra.instants import Stamp, to_instant, to_local
from services.monitoring.pages.telling import Told, people_in, tell
from services.monitoring.pages.view_duties import DutyRow, duty_row, list_address, query_of
from services.monitoring.pages.words import Sentence, Words
from services.monitoring.reading.board import YearFigures
from services.monitoring.reading.figures import COUNTED, Cut, Rate, Row
from services.monitoring.reading.filters import NO_TOPIC, ObligationFilter

Doc = Mapping[str, Any]
SHOWN = 4
# Source: the obligation, No calendar: shown from 60 days before the calendar's end
CALENDAR_WARN = timedelta(days=60)
SPARK_WIDTH, SPARK_HEIGHT = 226.0, 84.0


@dataclass(frozen=True, slots=True)
class Group:
    """Obligations in one state: how many, the first of them, and where all of them are."""

    badge: str
    title: str
    said: str
    count: int
    rows: tuple[DutyRow, ...]
    address: str


@dataclass(frozen=True, slots=True)
class Question:
    """Something that a person has to say.

    Shape:   kind is unconfirmed, tier or unauthenticated; command_id is that of the answer: the same until the event's
             facts change, since a live part is rendered once for all who look.
    """

    kind: str
    event: str
    title: str
    unit: str
    when: str
    asked: Sentence
    since: Stamp | None = None
    command_id: str = ""


@dataclass(frozen=True, slots=True)
class RateCell:
    """One definition of the rate."""

    name: str
    rate: Rate


@dataclass(frozen=True, slots=True)
class Bar:
    """How one group of obligations stands. Shape: on_time, late, missed are widths of 100."""

    name: str
    address: str
    rate: Rate
    on_time: float
    late: float
    missed: float
    counts: Mapping[State, int]


@dataclass(frozen=True, slots=True)
class SparkPoint:
    """A month of the rate."""

    x: float
    y: float
    month: str
    ratio: float


@dataclass(frozen=True, slots=True)
class YearView:
    """How a school year stands. Shape: is_old: counted a while ago, at as_of."""

    school_year: str
    as_of: Stamp
    is_old: bool
    whole: Row
    definitions: tuple[RateCell, ...]
    spark: tuple[SparkPoint, ...]
    requirements: tuple[Bar, ...]
    topics: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class News:
    """A fact that became known, with the event that it is about."""

    told: Told
    event: str
    title: str


@dataclass(frozen=True, slots=True)
class Counts:
    """What is counted on the first page; each at most `queries.COUNTED`."""

    missed: int
    due_soon: int
    open: int
    unconfirmed: int
    undated: int
    suggested: int


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be done today: obligations to see to, and questions to answer."""

    groups: tuple[Group, ...]
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class HomeView:
    """All of the first page. Shape: silent_since is when publishing was last heard, "" never, None heard lately."""

    weekday: str
    school_year: str
    counts: Counts
    work: Work
    year: YearView | None
    news: tuple[News, ...]
    silent_since: str | None
    calendar_ends: str | None


def groups(
    counts: Counts, missed: Iterable[Doc], due_soon: Iterable[Doc], *, now: Stamp, words: Words
) -> tuple[Group, ...]:
    """Return the two lists of the page, the oldest miss first. Source: R20"""
    return (
        Group(
            "MISSED",
            N_("Quá hạn"),
            N_("còn mở cho đến khi đăng bù hoặc miễn có lý do"),
            counts.missed,
            tuple(duty_row(doc, now, words) for doc in missed),
            list_address(ObligationFilter(state=State.MISSED)),
        ),
        Group(
            "DUE_SOON",
            N_("Sắp đến hạn"),
            N_("trong 24 giờ tới"),
            counts.due_soon,
            tuple(duty_row(doc, now, words) for doc in due_soon),
            list_address(ObligationFilter(state=State.OPEN)),
        ),
    )


def unconfirmed_question(doc: Doc, words: Words) -> Question:
    """Return the question whether a scheduled event was held. Source: R20, Unconfirmed (one click answers)"""
    asked = _question("unconfirmed", doc, Sentence(N_("Đã diễn ra chưa?")), words)
    command_id = f"answer-{doc['_id']}-{len(doc['facts'])}"
    return replace(asked, since=doc["event"]["unconfirmed_from"], command_id=command_id)


def tier_question(doc: Doc, words: Words) -> Question:
    """Return the question whether a sender's suggested tier is right. Source: A6"""
    event = doc["event"]
    named = {"suggested": words.code(event["suggested_tier"]), "tier": words.code(event["tier"])}
    return _question("tier", doc, Sentence(N_("Nguồn đề xuất %(suggested)s, đang tính %(tier)s"), named), words)


def stranger_question(doc: Doc, words: Words) -> Question:
    """Return the question whether a report of an unknown sender is true. Source: R20"""
    return _question("unauthenticated", doc, Sentence(N_("Nguồn chưa xác thực báo sự kiện này")), words)


def _question(kind: str, doc: Doc, asked: Sentence, words: Words) -> Question:
    event = doc["event"]
    when = words.period(event["started_at"], event["ended_at"])
    return Question(kind, doc["_id"], event["title"], words.unit(event["unit"]), when, asked)


def year_view(found: YearFigures, now: Stamp, *, words: Words) -> YearView:
    """Return how a school year stands. Source: figures"""
    whole = found.whole
    definitions = (
        RateCell(N_("Mặc định"), whole.on_time),
        RateCell(N_("Chặt, không dời hạn"), whole.strict),
        RateCell(N_("Ngày làm việc"), whole.working_day),
        RateCell(N_("Trừ báo muộn"), whole.fault_adjusted),
    )
    year = found.school_year
    return YearView(
        school_year=year,
        as_of=found.as_of,
        is_old=to_instant(now) - to_instant(found.as_of) > timedelta(minutes=5),
        whole=whole,
        definitions=definitions,
        spark=spark(found.by[Cut.MONTH], words),
        requirements=bars(found.by[Cut.REQUIREMENT], Cut.REQUIREMENT, year, words=words),
        topics=bars(found.by[Cut.TOPIC_AREA], Cut.TOPIC_AREA, year, words=words),
    )


def bars(rows: Iterable[Row], cut: Cut, school_year: str, *, words: Words) -> tuple[Bar, ...]:
    """Return a bar for each group, the one with most that was due first. Source: 4.1, R16"""
    named = sorted(rows, key=lambda row: (-row.on_time.denominator, row.key or ""))
    return tuple(_bar(row, cut, school_year, words) for row in named)


def _bar(row: Row, cut: Cut, school_year: str, words: Words) -> Bar:
    whole = row.on_time.denominator or 1
    on_time, late, missed = (round(100 * row.counts[state] / whole, 1) for state in COUNTED)
    address = "/obligations" + query_of({cut.value: row.key or NO_TOPIC, "school_year": school_year})
    return Bar(name_of(row.key, cut, words), address, row.on_time, on_time, late, missed, row.counts)


def name_of(key: str | None, cut: Cut, words: Words) -> str:
    """Return what a row of a cut is called; empty for what has no key. Source: figures"""
    if key is None:
        return ""
    named = {Cut.TOPIC_AREA: words.topic, Cut.UNIT: words.unit, Cut.MONTH: _month}
    return named.get(cut, words.code)(key)


def _month(key: str) -> str:
    return f"{key[5:]}/{key[:4]}"


def spark(rows: Sequence[Row], words: Words) -> tuple[SparkPoint, ...]:
    """Return the on-time rate month by month as points of a line. Source: figures (by month)"""
    known = [(row.key or "", ratio) for row in rows if (ratio := row.on_time.ratio) is not None][-12:]
    if not known:
        return ()
    lowest = min(ratio for _, ratio in known)
    highest = max(ratio for _, ratio in known)
    room = (highest - lowest) or 0.1
    step = (SPARK_WIDTH - 46) / max(1, len(known) - 1)
    return tuple(
        SparkPoint(
            x=round(8 + step * number, 1),
            y=round(16 + (SPARK_HEIGHT - 40) * (highest - ratio) / room, 1),
            month=_month(month),
            ratio=ratio,
        )
        for number, (month, ratio) in enumerate(known)
    )


def news(facts: Iterable[tuple[Doc, Doc]], titles: Mapping[str, str], *, words: Words) -> tuple[News, ...]:
    """Return the facts that became known last. Source: 4.1 (supervision is continuous)"""
    return tuple(News(tell(fact, words, {}), doc["root"], titles.get(doc["root"], "")) for fact, doc in facts)


def people(facts: Iterable[tuple[Doc, Doc]]) -> set[str]:
    """Return the accounts that the news name. Source: R20"""
    return set().union(*(people_in(fact) for fact, _ in facts), set())


def calendar_ends(covers_until: str | None, now: Stamp) -> str | None:
    """Return the last day before a gap in the calendars when it is near or past, "" when none covers any day.

    Source: the obligation, No calendar
    """
    if covers_until is None:
        return ""
    left = date.fromisoformat(covers_until) - to_local(now).date()
    return covers_until if left <= CALENDAR_WARN else None
