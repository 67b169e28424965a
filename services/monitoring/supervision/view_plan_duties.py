"""The plan's routine work as its page shows it: by item, each period with what was published in it; pure.

Never a rate without the periods that it is made of.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from services.chassis.web.i18n import N_
from services.monitoring.algebra.instants import Stamp, end_day
from services.monitoring.pages.view_duties import Choices, query_of
from services.monitoring.pages.words import Words
from services.monitoring.reading.figures import Rate
from services.monitoring.supervision.plan_duties import Duty, DutyState, ItemDuties, execution_of

# Source: R21; which badge, which icon, which words
STATES = {
    DutyState.DONE: ("ok", N_("Đã làm")),
    DutyState.NOT_DONE: ("miss", N_("Chưa làm")),
    DutyState.RUNNING: ("due", N_("Đang trong kỳ")),
}
NOT_DONE_ROWS = 50


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """One occurrence as a line. Shape: ends_on is its last day; event is where the publication is, if anywhere."""

    item_id: str
    title: str
    begins_at: Stamp
    ends_on: date
    badge: tuple[str, str]
    published: str
    channel: str
    at: Stamp
    url: str
    event: str


@dataclass(frozen=True, slots=True)
class ItemRow:
    """A routine item as a line."""

    item_id: str
    title: str
    topic: str
    unit: str
    plan_id: str
    execution: Rate
    not_done: int
    running: PeriodRow | None
    ahead: int
    is_unread: bool
    address: str


@dataclass(frozen=True, slots=True)
class PlanDutiesView:
    """The page of the plan's routine work. Shape: chosen is the one item whose periods are shown, if any."""

    school_year: str
    years: Choices
    execution: Rate
    items: tuple[ItemRow, ...]
    chosen: ItemRow | None
    periods: tuple[PeriodRow, ...]
    not_done: int


def plan_duties_view(
    items: Sequence[ItemDuties], school_year: str, item_id: str | None, *, years: Choices, words: Words
) -> PlanDutiesView:
    """Return the page: all items and what was not done, the latest first; or all periods of one item. Source: R21"""
    rows = tuple(_item(one, school_year, words) for one in items)
    chosen = [one for one in items if one.item.item_id == item_id]
    if chosen:
        shown = [_period(chosen[0], duty, words) for duty in reversed(chosen[0].duties)]
    else:
        missing = ((one, duty) for one in items for duty in one.duties if duty.state is DutyState.NOT_DONE)
        latest = sorted(missing, key=lambda pair: (pair[1].period.ends_at, pair[0].item.item_id), reverse=True)
        shown = [_period(one, duty, words) for one, duty in latest[:NOT_DONE_ROWS]]
    return PlanDutiesView(
        school_year=school_year,
        years=years,
        execution=execution_of(items),
        items=rows,
        chosen=next((row for row in rows if chosen and row.item_id == item_id), None),
        periods=tuple(shown),
        not_done=sum(row.not_done for row in rows),
    )


def _item(one: ItemDuties, school_year: str, words: Words) -> ItemRow:
    item = one.item
    running = next((duty for duty in one.duties[one.due :]), None)
    return ItemRow(
        item_id=item.item_id,
        title=item.title,
        topic=words.topic(item.topic_area),
        unit=words.unit(item.lead_unit),
        plan_id=one.plan_id,
        execution=one.execution,
        not_done=one.execution.denominator - one.execution.numerator,
        running=_period(one, running, words) if running else None,
        ahead=one.ahead,
        is_unread=one.is_unread,
        address="/plan-duties" + query_of({"school_year": school_year, "item": item.item_id}),
    )


def _period(one: ItemDuties, duty: Duty, words: Words) -> PeriodRow:
    shown = duty.publication
    return PeriodRow(
        item_id=one.item.item_id,
        title=one.item.title,
        begins_at=duty.period.begins_at,
        ends_on=end_day(duty.period.begins_at, duty.period.ends_at),
        badge=STATES[duty.state],
        published=(shown.title or shown.content_id) if shown else "",
        channel=words.code(shown.channel) if shown else "",
        at=shown.at if shown else "",
        url=(shown.url or "") if shown else "",
        event=(shown.event or "") if shown else "",
    )


def unread(items: Iterable[ItemDuties]) -> list[str]:
    """Return the titles of items whose rule gives no day: they are in no figure. Source: R21"""
    return sorted(one.item.title for one in items if one.is_unread)
