"""The authority matrix: which plans go beyond the office, row by row, and why; pure, and never the decision itself.

The rows are data (`data/authority.json`); a row names its ground, and each ground is one function here.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal

from pydantic import Field

from contracts.approval import FiredRule, Route
from contracts.codes import Channel, Stage, Tier, default_channels
from contracts.fields import Code, Count, Flag, Record, SchoolYear, Text, Title
from contracts.planning import ChannelPlan, PlanContent, PlanItem
from contracts.times import Instant, LocalDate
from services.chassis.web.formats import LOCAL

# Source: A8 (the reason of a fired row travels in the message: it names the first places, not a whole plan)
REASON_CHARACTERS = 1000


class Row(Record):
    """A row of the matrix: a ground, its limits, and whether it is in force. Source: A8, M1, M2, M3, M4, M5, M6"""

    id: Code
    on: Flag
    ground: Literal["CHANNELS", "COST", "PARTNER", "WORDS", "TIER"]
    vi: Title
    en: Title
    channels: tuple[Channel, ...] = ()
    limit_minor: Count = 0
    words: tuple[Title, ...] = ()
    tiers: tuple[Tier, ...] = ()


class Matrix(Record):
    """A version of the authority matrix. Source: 2.2, A8"""

    version: Code
    rows: tuple[Row, ...]


class Finding(Record):
    """What one row of the matrix says of one plan, kept as it was found. Source: R07"""

    id: Code
    vi: Title
    en: Title
    is_on: Flag
    places: tuple[Annotated[str, Text(400)], ...] = ()

    @property
    def is_fired(self) -> bool:
        """Whether the row is in force and matched."""
        return self.is_on and bool(self.places)


class RectorSchedule(Record):
    """Until when plans are approved, by school year. Source: 2.3, R08"""

    version: Code
    approve_by: Annotated[str, Field(pattern="^[01][0-9]-[0-3][0-9]$", description="Month and day of other years.")]
    amendment_days: Annotated[int, Field(ge=0, le=366)]
    years: dict[SchoolYear, LocalDate] = Field(default_factory=dict)


def examine(content: PlanContent, matrix: Matrix) -> tuple[Finding, ...]:
    """Say for every row of the matrix where the plan matches it, rows that are off included. Source: R07, A8"""
    return tuple(_finding(content, row) for row in matrix.rows)


def _finding(content: PlanContent, row: Row) -> Finding:
    places = tuple(dict.fromkeys(_GROUNDS[row.ground](content, row)))
    return Finding(id=row.id, vi=row.vi, en=row.en, is_on=row.on, places=places)


def route(findings: tuple[Finding, ...], matrix_version: str) -> Route:
    """Return who decides: the office alone, or the office and then the Rectorate when a row fired.

    Source: 2.2 "vượt quá thẩm quyền PTT, phòng phải xin ý kiến BGH", A7, R07
    """
    fired = tuple(FiredRule(id=finding.id, reason=_reason(finding)) for finding in findings if finding.is_fired)
    stages = (Stage.OFFICE, Stage.RECTORATE) if fired else (Stage.OFFICE,)
    return Route(matrix_version=matrix_version, rules=fired, stages=stages)


def approval_due_at(schedule: RectorSchedule, school_year: str, drafted_at: datetime, *, is_amendment: bool) -> Instant:
    """Return the instant by which the plan has to be decided.

    Units:   UTC, exclusive: the end of the local day.
    Source:  2.3 "đúng tiến độ kế hoạch năm học của Hiệu trưởng", R08; an amendment of a plan in force has
             `amendment_days` days, the day of its submission not counted (as A3 counts).
    """
    if is_amendment:
        day = drafted_at.astimezone(LOCAL).date() + timedelta(days=schedule.amendment_days)
    else:
        default = date.fromisoformat(f"{school_year[:4]}-{schedule.approve_by}")
        day = schedule.years.get(school_year, default)
    return datetime.combine(day + timedelta(days=1), time(), LOCAL).astimezone(drafted_at.tzinfo)


def _reason(finding: Finding) -> str:
    text = f"{finding.vi}: {'; '.join(finding.places)}"
    return text if len(text) <= REASON_CHARACTERS else text[: REASON_CHARACTERS - 1] + "…"


def _items(content: PlanContent) -> Iterator[tuple[ChannelPlan, PlanItem]]:
    return ((plan, item) for plan in content.channel_plans for item in plan.items)


def _on_channels(content: PlanContent, row: Row) -> Iterator[str]:
    """M1 and M6: a channel plan for such a channel, or an item that asks for one."""
    for plan in content.channel_plans:
        if plan.channel in row.channels:
            yield from (item.title for item in plan.items) if plan.items else (plan.channel.vi,)
    for _, item in _items(content):
        asked = {
            channel
            for requirement in item.requirements
            for channel in (*requirement.channels, *default_channels(requirement.code))
        }
        if not asked.isdisjoint(row.channels):
            yield item.title


def _at_cost(content: PlanContent, row: Row) -> Iterator[str]:
    for _, item in _items(content):
        if item.cost_minor is not None and item.cost_minor >= row.limit_minor:
            yield f"{item.title} ({dong(item.cost_minor)})"


def dong(amount_minor: int) -> str:
    """Write an amount as Vietnamese texts do; VND has no minor unit. Source: M2"""
    return f"{amount_minor:,} đồng".replace(",", ".")


def _with_partner(content: PlanContent, row: Row) -> Iterator[str]:
    return (f"{item.title} ({item.partner})"[:400] for _, item in _items(content) if item.partner)


def _in_words(content: PlanContent, row: Row) -> Iterator[str]:
    """M4: words of the list, as whole words in title, partner or note; text typed without marks matches as well."""
    for _, item in _items(content):
        text = " \n ".join(part for part in (item.title, item.note, item.partner) if part)
        found = [word for word in row.words if has_word(text, word)]
        if found:
            yield f"{item.title} (“{'”, “'.join(found)}”)"[:400]


def has_word(text: str, word: str) -> bool:
    """Say whether the text has the word as whole words, whatever the case; marks count unless the text has none.

    Source:  A8 M4 (a text full of marks is read with them: "đội tên" is not "đổi tên")
    """
    text, word = _plain(text), _plain(word)
    if text.isascii():
        word = _fold(word)
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def _fold(text: str) -> str:
    marked = unicodedata.normalize("NFD", text).replace("đ", "d")
    return "".join(letter for letter in marked if not unicodedata.combining(letter))


def _of_tier(content: PlanContent, row: Row) -> Iterator[str]:
    return (item.title for _, item in _items(content) if item.tier in row.tiers or item.kind.value in row.tiers)


_GROUNDS: dict[str, Callable[[PlanContent, Row], Iterator[str]]] = {
    "CHANNELS": _on_channels,
    "COST": _at_cost,
    "PARTNER": _with_partner,
    "WORDS": _in_words,
    "TIER": _of_tier,
}
