"""Plans as an iCalendar text (RFC 5545): milestones, routine items and the day a plan is due; pure.

It must never hold a person, a note, a cost or a partner: whoever has the address reads titles, channels and times.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from icalendar import Calendar, Event, vRecur

from contracts.codes import Channel
from contracts.planning import PlanContent, PlanItem
from services.chassis.web.i18n import N_
from services.planning import recurrence
from services.planning.school_years import SchoolYearDates

MEDIA_TYPE = "text/calendar; charset=utf-8"
ASKED_EACH = timedelta(hours=6)  # how often a calendar program should ask again
NAME, DUE = N_("Kế hoạch thông tin tuyên truyền"), N_("Hạn trình kế hoạch năm học %(school_year)s")
Say = Callable[..., str]


@dataclass(frozen=True, slots=True)
class Dated:
    """A plan's content as it is written. Units: at is when it became so, for programs that compare copies."""

    content: PlanContent
    dates: SchoolYearDates
    revision: int
    at: datetime
    is_approved: bool


def written(plans: Sequence[Dated], due: Sequence[SchoolYearDates], *, say: Say, lang: str, at: datetime) -> bytes:
    """The calendar of the plans, and of the days on which the plans of school years are due.

    Shape:   say is gettext in the reader's language.        Units: at stamps the days that no plan stamps.
    """
    made = Calendar()
    made.add("prodid", "-//vn.edu.hcmute.publicity//planning//VI")
    made.add("version", "2.0")
    for name in ("name", "x-wr-calname"):  # RFC 7986, and what programs knew before it
        made.add(name, say(NAME))
    made.add("refresh-interval", ASKED_EACH, parameters={"VALUE": "DURATION"})
    made.add("x-published-ttl", "PT6H")
    for dates in due:
        made.add_component(_due(dates, say, at))
    for plan in plans:
        for event in _events(plan, lang):
            made.add_component(event)
    return bytes(made.to_ical())


def _due(dates: SchoolYearDates, say: Say, at: datetime) -> Event:
    event = Event()
    event.add("uid", f"plan-due-{dates.school_year}@planning.publicity")
    event.add("dtstamp", at)
    event.add("summary", say(DUE, school_year=dates.school_year))
    event.add("dtstart", dates.plan_due_on)
    event.add("transp", "TRANSPARENT")
    return event


def _events(plan: Dated, lang: str) -> Iterator[Event]:
    for one in plan.content.channel_plans:
        for item in one.items:
            if item.milestone:
                yield _milestone(plan, one.channel, item, lang)
            if item.recurrence and (event := _routine(plan, one.channel, item, lang)):
                yield event


def _item(plan: Dated, channel: Channel, item: PlanItem, lang: str) -> Event:
    event = Event()
    event.add("uid", f"{item.item_id}@planning.publicity")  # an item's id is its own in all plans
    event.add("dtstamp", plan.at)
    event.add("sequence", plan.revision)
    event.add("summary", item.title)
    event.add("description", channel.en if lang == "en" else channel.vi)
    event.add("status", "CONFIRMED" if plan.is_approved else "TENTATIVE")
    return event


def _milestone(plan: Dated, channel: Channel, item: PlanItem, lang: str) -> Event:
    assert item.milestone is not None, "the caller looked"
    event = _item(plan, channel, item, lang)
    event.add("dtstart", item.milestone.starts_at)
    event.add("dtend", item.milestone.ends_at)
    return event


def _routine(plan: Dated, channel: Channel, item: PlanItem, lang: str) -> Event | None:
    """The item with its rule, from its first time in the school year to its last; None when it has none there."""
    assert item.recurrence is not None, "the caller looked"
    try:
        days = [at.date() for at in recurrence.occurrences(item.recurrence, plan.dates)]
    except recurrence.RecurrenceInvalid:
        return None  # the objections name it
    if not days:
        return None
    event = _item(plan, channel, item, lang)
    event.add("dtstart", days[0])
    event.add("rrule", vRecur.from_ical(_rule(item.recurrence, days)))
    event.add("transp", "TRANSPARENT")
    return event


def _rule(text: str, days: Sequence[date]) -> str:
    """The rule as far as the school year goes: counted where it counts, else until its last day."""
    parts = dict(recurrence.parse(text).parts)
    ends = {"COUNT": str(len(days))} if "COUNT" in parts else {"UNTIL": f"{days[-1]:%Y%m%d}"}
    return ";".join(f"{name}={value}" for name, value in (parts | ends).items())
