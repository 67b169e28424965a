"""What people tell planning to do: one function per command, shared by forms and API; each runs once per id.

It must never judge: the rules are in `decisions`.
"""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from contracts.planning import PlanContent
from services.chassis.audit.acts import Act
from services.chassis.decision import Actor, Decision, derived, scoped
from services.chassis.unit import Unit
from services.planning import decisions, storage
from services.planning.completeness import Window
from services.planning.editing import Change
from services.planning.refusals import refuse, refused
from services.planning.school_years import GivenDates, dates_of, previous
from services.planning.state import Plan

if TYPE_CHECKING:
    from services.chassis.app import Service
    from services.chassis.store import Store

Result = dict[str, Any]


class Desk:
    """The commands of planning.

    Shape:   every command takes the command's id and who gives it, and answers with what is stored under that id.
    Raises:  Refused with the rules that say no, and their HTTP status.
    """

    def __init__(self, service: "Service", given_dates: GivenDates) -> None:
        self._service = service
        self._given_dates = given_dates

    async def window(self, where: "Unit | Store", school_year: str) -> Window:
        """When the plan of a school year may be submitted."""
        issued_at = await storage.report_issued_at(where, previous(school_year))
        return Window(dates_of(school_year, self._given_dates), issued_at)

    async def draft(self, command_id: str, actor: Actor, *, school_year: str, content: PlanContent) -> Result:
        """Begin a plan; its id follows from the command's, so a repeat makes nothing twice."""
        plan_id = derived(scoped(command_id, actor), "plan")

        async def work(unit: Unit) -> Result:
            made = decisions.draft(plan_id, school_year, content, by=actor.account_id, now=unit.now)
            return _state(storage.keep(unit, _accepted(made)))

        return await self._once(command_id, Act(actor, "plan-drafted", plan_id), work)

    async def edit(self, command_id: str, actor: Actor, plan_id: str, *, base_hash: str, change: Change) -> Result:
        """Change the draft."""

        async def work(unit: Unit) -> Result:
            plan = await _known(unit, plan_id)
            who = {"base_hash": base_hash, "by": actor.account_id}
            made = decisions.edit(plan, change(plan.content), now=unit.now, **who)
            return _state(storage.keep(unit, _accepted(made)))

        return await self._once(command_id, Act(actor, "plan-edited", plan_id), work)

    async def submit(self, command_id: str, actor: Actor, plan_id: str, *, seen_hash: str) -> Result:
        """Submit the draft for approval; a seen_hash that is not empty must be of the newest content."""

        async def work(unit: Unit) -> Result:
            plan = await _known(unit, plan_id)
            window = await self.window(unit, plan.school_year)
            if seen_hash not in ("", plan.content_hash):
                raise refused(refuse("base-outdated", "/content_hash"))
            taken = await storage.taken_ids(unit, plan.content)
            made = decisions.submit(plan, window, unit.now, taken=taken)
            after = storage.keep(unit, _accepted(made))
            assert after.last is not None
            await storage.keep_revision(unit, after, after.last)
            return _state(after)

        return await self._once(command_id, Act(actor, "plan-submitted", plan_id), work)

    async def withdraw(self, command_id: str, actor: Actor, plan_id: str, *, reason: str) -> Result:
        """Take back what waits for approval."""

        async def work(unit: Unit) -> Result:
            plan = await _known(unit, plan_id)
            made = decisions.withdraw(plan, reason, by=actor.account_id, now=unit.now)
            return _state(storage.keep(unit, _accepted(made)))

        return await self._once(command_id, Act(actor, "plan-withdrawn", plan_id, reason), work)

    async def _once(self, command_id: str, act: Act, work: Callable[[Unit], Awaitable[Result]]) -> Result:
        own_id, now = scoped(command_id, act.actor), self._service.clock.now()
        return await self._service.store.command(own_id, now, work, act=act)


async def _known(unit: Unit, plan_id: str) -> Plan:
    plan = await storage.load(unit, plan_id)
    if plan is None:
        raise refused(refuse("plan-unknown"))
    return plan


def _accepted(decision: Decision[Plan]) -> Decision[Plan]:
    if decision.refusals:
        raise refused(*decision.refusals)
    return decision


def _state(plan: Plan) -> Result:
    return {
        "plan_id": plan.plan_id,
        "revision": plan.revision,
        "content_hash": plan.content_hash,
        "status": plan.status.value,
    }
