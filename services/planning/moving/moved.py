"""What moving a milestone makes of a plan's content: another start, the same length; pure, it never judges."""

import re
from datetime import datetime

from pydantic import ValidationError

from contracts.codes import Channel
from contracts.fields import Record
from contracts.planning import Milestone, PlanContent, PlanItem
from services.chassis.web import TypedInstant
from services.planning import editing
from services.planning.editing import Change
from services.planning.forms import typed_instant
from services.planning.refusals import refuse, refused
from services.planning.school_years import LOCAL

_DAY = re.compile(r"\d{1,2}/\d{1,2}/\d{4}")
_ISO_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")


class Moving(Record):
    """Where a milestone is moved to."""

    base_hash: str
    starts_at: TypedInstant


def milestone_of(content: PlanContent, item_id: str) -> tuple[Channel, PlanItem, Milestone] | None:
    """The item with its channel and its milestone; None when there is none that could be moved."""
    for plan in content.channel_plans:
        for item in plan.items:
            if item.item_id == item_id and item.milestone:
                return plan.channel, item, item.milestone
    return None


def with_time(typed: str, milestone: Milestone | None) -> str:
    """What was typed, and the time of day that the milestone begins at where a day alone was typed."""
    text = typed.strip()
    if milestone is None or not _DAY.fullmatch(text):
        return text
    return f"{text} {milestone.starts_at.astimezone(LOCAL):%H:%M}"


def on_day(iso_day: str, milestone: Milestone) -> str:
    """The milestone's start on another day, as it is typed; its own start where the text is no day."""
    match = _ISO_DAY.fullmatch(iso_day)
    if match is None:
        return typed_instant(milestone.starts_at)
    year, month, day = match.groups()
    return with_time(f"{day}/{month}/{year}", milestone)


def move(item_id: str, starts_at: datetime) -> Change:
    """Let the milestone of an item begin at another time and last as long as before.

    Raises:  Refused, when applied, where the item has no milestone, or would end after the years that are counted.
    """

    def change(content: PlanContent) -> PlanContent:
        found = milestone_of(content, item_id)
        if found is None:
            raise refused(refuse("part-unknown"))
        channel, item, before = found
        try:
            ends_at = starts_at + (before.ends_at - before.starts_at)
            made = Milestone(starts_at=starts_at, ends_at=ends_at)
            ends_at.astimezone(LOCAL)
        except (OverflowError, ValidationError) as error:
            raise refused(refuse("moved-too-far", "/starts_at")) from error
        return editing.put_item(channel, item.model_copy(update={"milestone": made}))(content)

    return change
