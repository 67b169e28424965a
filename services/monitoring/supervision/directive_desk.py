"""What people do with directives: issue, acknowledge, close; shared by forms and API, each runs once per id.

It must never judge: the rules are in `directives`.
"""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from services.chassis.audit.acts import Act
from services.chassis.decision import Actor, Decision, derived, scoped
from services.chassis.unit import Unit
from services.chassis.web.identity import ROLE_NAMES
from services.monitoring.refusals import refuse, refused
from services.monitoring.settings import Settings
from services.monitoring.supervision import directive_queries, directives
from services.monitoring.supervision.directives import Acknowledging, Closing, Doc, Issuing, Known

if TYPE_CHECKING:
    from services.chassis.app import Service

Result = dict[str, Any]


class DirectiveDesk:
    """The acts on directives.

    Shape:   every act takes the command's id and who gives it, and answers with what is stored under that id.
    Raises:  Refused with the rules that say no, and their HTTP status.        Emits: DirectiveIssued,
             DirectiveAcknowledged, DirectiveClosed, on `compliance`, keyed by directive id.
    """

    def __init__(self, service: "Service") -> None:
        assert isinstance(service.settings, Settings)
        self._service = service
        reference = service.settings.reference()
        self._units = frozenset(unit.code for unit in reference.units)
        self._topic_areas = frozenset(area.code for area in reference.topic_areas)

    async def issue(self, command_id: str, actor: Actor, given: Issuing) -> Result:
        """Give a directive to a person, a unit or a role."""
        directive_id = derived(scoped(command_id, actor), "directive")

        async def work(unit: Unit) -> Result:
            known = await self._known(unit, given)
            return _kept(unit, directives.issue(given, directive_id, known=known, by=actor, now=unit.now))

        return await self._once(command_id, Act(actor, "directive-issued", directive_id), work)

    async def acknowledge(self, command_id: str, actor: Actor, directive_id: str, *, given: Acknowledging) -> Result:
        """Say that one has read a directive that is addressed to oneself."""

        async def work(unit: Unit) -> Result:
            doc = await _directive(unit, directive_id, actor)
            return _kept(unit, directives.acknowledge(doc, note=given.note, by=actor, now=unit.now))

        return await self._once(command_id, Act(actor, "directive-acknowledged", directive_id, given.note or ""), work)

    async def close(self, command_id: str, actor: Actor, directive_id: str, *, given: Closing) -> Result:
        """Say that a directive is done with."""

        async def work(unit: Unit) -> Result:
            doc = await _directive(unit, directive_id, actor)
            return _kept(unit, directives.close(doc, note=given.note, by=actor, now=unit.now))

        return await self._once(command_id, Act(actor, "directive-closed", directive_id, given.note or ""), work)

    async def _known(self, unit: Unit, given: Issuing) -> Known:
        key = given.scope.event
        event = await unit.get("events", key) if key is not None else None
        is_known = given.to in self._units or given.to in ROLE_NAMES
        return Known(
            self._units,
            self._topic_areas,
            has_addressee=is_known or await directive_queries.is_person(self._service, given.to),
            event=event["root"] if event else None,
        )

    async def _once(self, command_id: str, act: Act, work: Callable[[Unit], Awaitable[Result]]) -> Result:
        own_id, now = scoped(command_id, act.actor), self._service.clock.now()
        return await self._service.store.command(own_id, now, work, act=act)


async def _directive(unit: Unit, directive_id: str, actor: Actor) -> Doc:
    doc = await unit.get("directives", directive_id)
    if doc is None or not directives.may_read(doc, actor):
        raise refused(refuse("directive-unknown"))
    return doc


def _kept(unit: Unit, decision: Decision[Doc]) -> Result:
    if decision.refusals:
        raise refused(*decision.refusals)
    after = decision.state
    assert after is not None
    unit.put("directives", after)
    unit.announce(*decision.announcements)
    return {"directive_id": after["_id"], "state": after["state"]}
