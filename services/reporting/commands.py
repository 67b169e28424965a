"""What people tell reporting to do: issue a report, propose an improvement; each runs once per id.

It must never judge: the rules are in `decisions`.
"""

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Any

from contracts.reporting import Gap
from services.chassis.audit.acts import Act
from services.chassis.decision import Actor, Decision, Refusal, derived, scoped
from services.chassis.unit import Unit
from services.reporting import decisions, storage
from services.reporting.reading import Reading
from services.reporting.refusals import refused
from services.reporting.snapshot import Snapshot
from services.reporting.state import NewProposal, Proposal, Report

if TYPE_CHECKING:
    from services.chassis.app import Service

Result = dict[str, Any]


class Desk:
    """The commands of reporting.

    Shape:   every command takes the command's id and who gives it, and answers with what is stored under that id.
    Raises:  Refused with the rules that say no, and their HTTP status.
    """

    def __init__(self, service: "Service", reading: Reading, units: Collection[str]) -> None:
        self._service, self._reading, self._units = service, reading, units

    async def issue(self, command_id: str, actor: Actor, school_year: str, *, cut_off_at: datetime | None) -> Result:
        """Freeze the report of a school year at its cut-off; it is reckoned before the transaction, which is short."""
        now, href = self._service.clock.now(), f"/reports/{school_year}"
        chosen = decisions.cut_off(self._reading.dates(school_year), cut_off_at, now)
        snapshot = await self._reading.at(school_year, now if isinstance(chosen, Refusal) else chosen)

        async def work(unit: Unit) -> Result:
            report = await storage.report(unit, school_year)
            if isinstance(chosen, Refusal) and not report.issued:
                raise refused(chosen)
            after = _kept(unit, decisions.issue(report, snapshot, actor, href=href, now=now), snapshot)
            return {"school_year": school_year, "href": href, **after.to_data()["issued"]}

        act = Act(actor, "report-issued", school_year, details={"digest": snapshot.digest})
        return await self._service.store.command(scoped(command_id, actor), now, work, act=act)

    async def propose(self, command_id: str, actor: Actor, school_year: str, *, given: NewProposal) -> Result:
        """Propose an improvement for the next year; a gap without a value is taken as the report measures it."""
        proposal_id = derived(scoped(command_id, actor), "proposal")
        shown, now = (await self._reading.year(school_year)).shown, self._service.clock.now()
        figure, value = given.gap.figure, given.gap.value
        tied = Gap(figure=figure, value=shown.measures.get(figure, 0.0) if value is None else value)
        by = {"by": actor.account_id, "owner": given.owner}
        made = Proposal(proposal_id=proposal_id, text=given.text, gap=tied, proposed_at=now, **by)

        async def work(unit: Unit) -> Result:
            after = _kept(
                unit, decisions.propose(await storage.report(unit, school_year), shown, made, units=self._units)
            )
            return after.proposals[-1].to_data()

        act = Act(actor, "improvement-proposed", proposal_id, details={"school_year": school_year})
        return await self._service.store.command(scoped(command_id, actor), now, work, act=act)


def _kept(unit: Unit, decision: Decision[Report], frozen: Snapshot | None = None) -> Report:
    if decision.refusals:
        raise refused(*decision.refusals)
    return storage.keep(unit, decision, frozen)
