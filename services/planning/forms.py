"""What drafters fill in, a part of the plan at a time, and how a filled form becomes a change of the content.

It must never judge more than the shape of a field: the rules are in `completeness`.
"""

import re
from datetime import datetime
from typing import Annotated

from pydantic import BeforeValidator

from contracts.codes import Channel, ItemKind, Phase, RequirementCode, Tier
from contracts.fields import Code, Count, Note, OptionalNote, Record, SchoolYear, Title
from contracts.planning import Basis, ContributorGroup, Milestone, PlanContent, PlanItem, Recurrence, Requirement
from services.chassis.web import TypedInstant
from services.planning import editing, recurrence
from services.planning.editing import Change
from services.planning.refusals import refuse, refused
from services.planning.school_years import LOCAL


def typed_instant(at: datetime | None) -> str:
    """The instant as it is typed."""
    return f"{at.astimezone(LOCAL):%d/%m/%Y %H:%M}" if at else ""


def _amount(value: object) -> object:
    digits = re.sub(r"[ .\u00a0]", "", value) if isinstance(value, str) else value
    return int(digits) if isinstance(digits, str) and re.fullmatch(r"[0-9]{1,15}", digits) else digits


def _names(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in re.split(r"[\n,;]", text) if part.strip()))


Amount = Annotated[Count, BeforeValidator(_amount)]


class NewPlan(Record):
    """What a new plan begins with."""

    school_year: SchoolYear
    title: Title


class Withdrawing(Record):
    """Why a plan is taken back."""

    reason: OptionalNote = ""


class TitleForm(Record):
    """The plan's title."""

    base_hash: str
    title: Title


class BasisForm(Basis):
    """A basis."""

    base_hash: str

    def change(self, key: str, _: str) -> Change:
        """Add it, or put it in the place that the key names."""
        return editing.put_basis(int(key) if key.isdecimal() else None, Basis(**self.model_dump(exclude={"base_hash"})))


class ChannelForm(Record):
    """The plan of a channel."""

    base_hash: str
    channel: Channel
    aims: OptionalNote = ""

    def change(self, _: str, __: str) -> Change:
        """Add it, or change its aims."""
        return editing.put_channel(self.channel, self.aims)


class GroupForm(Record):
    """A contributor group."""

    base_hash: str
    channel: Channel
    members: OptionalNote = ""

    def change(self, key: str, new_id: str) -> Change:
        """Put it in its place, or add it."""
        group = {"group_id": key or new_id, "channel": self.channel, "members": _names(self.members)}
        return editing.put_group(ContributorGroup.from_data(group))


class ItemForm(Record):
    """A plan item. Shape: each of requirements is CODE:PHASE."""

    base_hash: str
    channel: Channel
    kind: ItemKind
    title: Title
    topic_area: Code
    tier: Tier
    recurrence: Recurrence | None = None
    starts_at: TypedInstant | None = None
    ends_at: TypedInstant | None = None
    requirements: tuple[str, ...] = ()
    lead_unit: Code | None = None
    cost_minor: Amount | None = None
    partner: Title | None = None
    note: Note | None = None

    def change(self, key: str, new_id: str) -> Change:
        """Put it in its place, or add it; raises Refused when recurrence or milestone is not right."""
        same = {name: getattr(self, name) for name in PlanItem.model_fields if name in type(self).model_fields}
        made = PlanItem(**(same | {"item_id": key or new_id, "milestone": self._milestone(), "requirements": ()}))
        self._check_recurrence()
        return lambda content: editing.put_item(
            self.channel, made.model_copy(update={"requirements": self._requirements(content, made.item_id)})
        )(content)

    def _milestone(self) -> Milestone | None:
        if self.starts_at is None and self.ends_at is None:
            return None
        if self.starts_at is None or self.ends_at is None:
            place = "/starts_at" if self.starts_at is None else "/ends_at"
            raise refused(refuse("R03", place, variant="milestone-missing", title=self.title))
        if self.ends_at < self.starts_at:
            raise refused(refuse("R03", "/ends_at", variant="milestone-order"))
        return Milestone(starts_at=self.starts_at, ends_at=self.ends_at)

    def _check_recurrence(self) -> None:
        try:
            if self.recurrence:
                recurrence.parse(self.recurrence)
        except recurrence.RecurrenceInvalid as error:
            params = {"title": self.title, "part": str(error)[:60]}
            raise refused(refuse("R03", "/recurrence", variant="recurrence-invalid", **params)) from error

    def _requirements(self, content: PlanContent, item_id: str) -> tuple[Requirement, ...]:
        """What is ticked, by code; channels that were named through the API are kept."""
        before = [item for plan in content.channel_plans for item in plan.items if item.item_id == item_id]
        channels = {one.code: one.channels for item in before for one in item.requirements}
        phases: dict[RequirementCode, list[Phase]] = {}
        for ticked in self.requirements:
            code, _, phase = ticked.partition(":")
            if code in RequirementCode.__members__ and phase in Phase.__members__:
                phases.setdefault(RequirementCode(code), []).append(Phase(phase))
        return tuple(
            Requirement(code=code, channels=channels.get(code, ()), phases=tuple(named))
            for code, named in phases.items()
        )


PartForm = BasisForm | ChannelForm | ItemForm | GroupForm
PARTS: dict[str, type[PartForm]] = {"bases": BasisForm, "channels": ChannelForm, "items": ItemForm, "groups": GroupForm}
