"""The commands that issue a version of calendar or policy; each runs once per id.

The version is kept in the transaction that announces it, so that it shows at once; the sweep judges what it moves. It
must never decide: `calendar_rules` and `policy_rules` do.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from contracts.monitoring import CalendarIssued, PolicyIssued
from contracts.times import format_time
from services.chassis.audit.acts import Act
from services.chassis.decision import Actor, Announcement, Refusal, scoped
from services.chassis.unit import Unit
from services.monitoring.algebra.due import Versions
from services.monitoring.judging import Judge
from services.monitoring.reference import add_version
from services.monitoring.versions import calendar_rules, naming, policy_rules
from services.monitoring.versions.calendar_rules import GivenCalendar
from services.monitoring.versions.policy_rules import GivenPolicy
from services.monitoring.versions.refusals import refused

if TYPE_CHECKING:
    from services.chassis.app import Service

Result = dict[str, Any]
Issued = CalendarIssued | PolicyIssued
Decided = tuple[Issued | None, tuple[Refusal, ...]]


class Issuer:
    """Issues versions.

    Shape:   every act takes the command's id and who gives it, and answers with what is stored under that id.
    Raises:  Refused with the rules that say no, and their HTTP status.
    """

    def __init__(self, service: "Service", judge: Judge) -> None:
        self._service, self._judge = service, judge

    async def issue_calendar(self, command_id: str, actor: Actor, given: GivenCalendar) -> Result:
        """Issue a version of the calendar.

        Emits:  CalendarIssued.
        """

        def decide(versions: Versions, at: datetime) -> Decided:
            return calendar_rules.decide(given, versions, actor.account_id, at=at)

        act = Act(actor, "calendar-issued", given.version or "", given.reason)
        return await self._issue(command_id, act, decide)

    async def issue_policy(self, command_id: str, actor: Actor, given: GivenPolicy) -> Result:
        """Issue a version of the due rules.

        Emits:  PolicyIssued.
        """

        def decide(versions: Versions, at: datetime) -> Decided:
            return policy_rules.decide(given, versions, actor.account_id, at=at)

        act = Act(actor, "policy-issued", given.version or "", given.reason)
        return await self._issue(command_id, act, decide)

    async def _issue(self, command_id: str, act: Act, decide: Callable[[Versions, datetime], Decided]) -> Result:
        async def work(unit: Unit) -> Result:
            _, reference = await self._judge.references.read(unit)
            at = naming.issued_at(unit.now, reference.versions)
            data = accepted(decide(reference.versions, at))
            for message in unit.announce(Announcement(data, data.version, 1, at)):
                await add_version(unit, message)
            return {"version": data.version, "issued_at": format_time(at)}

        own_id, now = scoped(command_id, act.actor), self._service.clock.now()
        return await self._service.store.command(own_id, now, work, act=act)


def accepted(decided: Decided) -> Issued:
    """What was decided to be issued; raises Refused with all its refusals."""
    data, refusals = decided
    if data is None:
        raise refused(*refusals)
    return data
