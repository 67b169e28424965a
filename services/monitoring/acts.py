"""Whether a person's act on an event or obligation may be done, and the message of it; pure.

Never a judgement of the obligation: that follows from the fact. Source: 4.1, 4.2, A6, R20
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from contracts.codes import Cause, State, Tier
from contracts.events import EventCancelled, EventClassified, EventHeld, EventMerged
from contracts.fields import Code, Flag, Id, Note, Record
from contracts.monitoring import CauseSet, ObligationWaived, ObligationWaiverRevoked
from services.chassis.decision import Refusal
from services.monitoring.algebra.facts import Fact, Merged, Report
from services.monitoring.algebra.groups import closes_ring, resolve_merges
from services.monitoring.algebra.instants import to_stamp
from services.monitoring.algebra.milestones import OFFICE_UNIT
from services.monitoring.algebra.plans import Reference
from services.monitoring.intake.acceptance import DESK_SOURCE
from services.monitoring.refusals import refuse

Doc = Mapping[str, Any]


class Classification(Record):
    """What a person says of an event; a stated `plan_item_id` of null detaches, a field left out is left as it was."""

    tier: Tier | None = None
    topic_area: Code | None = None
    plan_item_id: Id | None = None
    reason: Note

    @property
    def names_item(self) -> bool:
        """Whether the plan item was stated, be it null."""
        return "plan_item_id" in self.model_fields_set


class Merge(Record):
    """Into which event another is merged; null undoes it."""

    into: Annotated[Id | None, Field(description="The key of the event that remains; null undoes the merge.")] = None
    reason: Note


class Reason(Record):
    """Why something is done."""

    reason: Note


class GivenCause(Reason):
    """Why an obligation was missed, in an operator's word."""

    cause: Cause


class Answer(Record):
    """What a person says of a scheduled event that nobody confirmed: it was held, or it was not."""

    held: Flag
    reason: Note | None = None


@dataclass(frozen=True, slots=True)
class By:
    """Who acts and when."""

    account_id: str
    at: datetime


def check_classification(given: Classification, reference: Reference) -> tuple[Refusal, ...]:
    """Return why a classification cannot be given. Source: A6, the obligation, Tier"""
    found = []
    if given.tier is None and given.topic_area is None and not given.names_item:
        found.append(refuse("nothing-classified"))
    known = reference.topic_areas
    if given.topic_area is not None and known is not None and given.topic_area not in known:
        found.append(refuse("topic-area-unknown", "/topic_area", code=given.topic_area))
    if given.plan_item_id is not None and given.plan_item_id not in reference.plan_of_item:
        found.append(refuse("plan-item-unknown", "/plan_item_id", item=given.plan_item_id))
    return tuple(found)


def classified(event: str, given: Classification, by: By) -> EventClassified:
    """Return the message of a classification. Source: A6"""
    stated = given.model_dump(include={"tier", "topic_area"}, exclude_none=True)
    if given.names_item:
        stated["plan_item_id"] = given.plan_item_id
    rest = {"event": event, "by": by.account_id, "reason": given.reason, "issued_at": by.at}
    return EventClassified.model_validate(stated | rest)


def check_answer(event: Doc, given: Answer, by: By) -> tuple[Refusal, ...]:
    """Return why nobody can answer whether an event was held. Source: the obligation, Unconfirmed; A13"""
    if event.get("status") != "SCHEDULED":
        return (refuse("nothing-asked"),)
    return (refuse("not-ended"),) if given.held and to_stamp(by.at) < event["ended_at"] else ()


def answered(event: Doc, facts: Iterable[Fact], given: Answer, *, by: By, answer_id: str) -> EventHeld | EventCancelled:
    """Return the report that answers for an event, under the event's own key and its latest revision.

    Shape:   event is the effective event; facts are those of its key; answer_id is the report's own id at the desk.
    Source:  the obligation, Unconfirmed (one click answers); contract, Data (held and cancelled over scheduled)
    """
    reports = [fact for fact in facts if isinstance(fact, Report)]
    said: dict[str, Any] = {
        "event": event["event"],
        "event_id": reports[-1].event_id if reports else event["plan_item_id"] or event["event"],
        "revision": max((report.revision for report in reports), default=1),
        "origin": {"source": DESK_SOURCE, "id": answer_id, "authenticated": True},
    }
    if not given.held:
        return EventCancelled.from_data(said | {"reason": given.reason})
    names = ("title", "title_en", "place", "summary", "url", "started_at", "ended_at", "plan_item_id")
    told = {name: event[name] for name in names if event[name] is not None}
    return EventHeld.from_data(said | told | {"unit": event["unit"] or OFFICE_UNIT})


def check_merge(event: str, into: str | None, merges: Iterable[Fact]) -> tuple[Refusal, ...]:
    """Return why an event cannot be merged: a ring is refused.

    Shape:   merges are the facts of the group that both events belong to.        Source: fine print, Links and merges
    """
    if into is None:
        return ()
    if into == event:
        return (refuse("merge-with-itself", "/into"),)
    standing = resolve_merges(fact for fact in merges if isinstance(fact, Merged))
    return (refuse("merge-closes-ring", "/into"),) if closes_ring(event, into, merges=standing, links={}) else ()


def merged(event: str, given: Merge, by: By) -> EventMerged:
    """Return the message of a merge. Source: fine print, Links and merges"""
    return EventMerged(event=event, into=given.into, by=by.account_id, reason=given.reason)


def check_waiver(obligation: Doc) -> tuple[Refusal, ...]:
    """Return why an obligation cannot be waived. Source: the obligation, States; fine print (a second waiver)"""
    if obligation["state"] == State.VOID:
        return (refuse("not-owed"),)
    if obligation["waiver"] is not None:
        return (refuse("already-waived"),)
    return (refuse("already-discharged"),) if obligation["discharged_at"] is not None else ()


def waived(obligation: Doc, reason: str, by: By) -> ObligationWaived:
    """Return the message of a waiver. Source: the obligation, States"""
    return ObligationWaived(**_of(obligation, reason, by))


def check_revocation(obligation: Doc) -> tuple[Refusal, ...]:
    """Return why a waiver cannot be taken back. Source: the obligation, States (revocable)"""
    return () if obligation["waiver"] is not None else (refuse("not-waived"),)


def waiver_revoked(obligation: Doc, reason: str, by: By) -> ObligationWaiverRevoked:
    """Return the message of a waiver taken back. Source: the obligation, States"""
    return ObligationWaiverRevoked(**_of(obligation, reason, by))


def check_cause(obligation: Doc) -> tuple[Refusal, ...]:
    """Return why a cause cannot be set; it may be set before the miss. Source: the obligation, Cause"""
    return (refuse("not-owed"),) if obligation["state"] == State.VOID else ()


def cause_set(obligation: Doc, given: GivenCause, by: By) -> CauseSet:
    """Return the message of a cause. Source: the obligation, Cause"""
    return CauseSet(**_of(obligation, given.reason, by), cause=given.cause)


def _of(obligation: Doc, reason: str, by: By) -> dict[str, Any]:
    keys = {"obligation_id": obligation["obligation_id"], "event": obligation["event"]}
    return keys | {"by": by.account_id, "reason": reason, "issued_at": by.at}
