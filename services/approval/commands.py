"""What people tell approval to do: one function per command, shared by forms and API; each runs once per id.

Who decides is read anew inside the transaction, so that a role taken away a moment ago decides nothing.
It must never judge: the rules are in `decisions` and `accounts`.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from contracts.codes import Verdict
from contracts.planning import PlanContent, content_hash
from services.approval import accounts, decisions, sessions, storage
from services.approval.accounts import FIRST, Account, AccountChange, NewAccount
from services.approval.decisions import Ruling
from services.approval.editing import revising
from services.approval.links import keeping
from services.approval.refusals import refuse, refused
from services.approval.settings import Settings
from services.chassis.audit.acts import Act, record
from services.chassis.decision import Actor, Decision, derived, scoped
from services.chassis.unit import Cause, Unit

if TYPE_CHECKING:
    from services.chassis.app import Service

S = TypeVar("S")
Result = dict[str, Any]


class Desk:
    """The commands of approval.

    Shape:   every command takes the command's id and who gives it, and answers with what is stored under that id.
    Raises:  Refused with the rules that say no, and their HTTP status.
    """

    def __init__(self, service: "Service") -> None:
        self._service = service
        assert isinstance(service.settings, Settings)
        self._rules = service.settings.rules()

    async def decide(
        self, command_id: str, actor: Actor, plan_id: str, *, ruling: Ruling, content: PlanContent | None = None
    ) -> Result:
        """Approve or return the exact content of a plan, or approve it as the reviewer changed it."""

        async def work(unit: Unit) -> Result:
            review = await storage.load(unit, plan_id)
            if review is None:
                raise refused(refuse("review-unknown"))
            account = await storage.load_account(unit, actor.account_id)
            if ruling.link:
                await keeping.spend(unit, ruling.link, review=review, account=account)
            current = account.actor() if account else replace(actor, roles=frozenset())
            if content is None:
                decision = _accepted(decisions.decide(review, ruling, current, now=unit.now))
            else:
                by = (current, unit.now)
                decision = _accepted(revising.edit_and_approve(review, ruling, content, by=by, rules=self._rules))
            storage.keep(unit, decision)
            after = decision.state or review
            stands = {"status": after.status.value, "stage": after.stage, "revision": after.revision}
            return {"decision_id": ruling.decision_id, **stands, "content_hash": after.content_hash}

        name = "plan-approved" if ruling.verdict is Verdict.APPROVED else "plan-returned"
        hashes = {"content_hash": ruling.content_hash}
        if content is not None:
            name = "plan-revised"
            hashes = {"content_hash": content_hash(content), "based_on": ruling.content_hash}
        if ruling.link:
            hashes["link"] = ruling.link
        act = Act(actor, name, plan_id, ruling.note, hashes)
        return await self._once(command_id, act, work)

    async def open_account(self, command_id: str, actor: Actor, given: NewAccount) -> Result:
        """Open an account; its id follows from the command's, so a repeat makes nothing twice."""
        account_id = derived(scoped(command_id, actor), "account")
        password_hash = await sessions.hashed(given.password)

        async def work(unit: Unit) -> Result:
            holder = await storage.account_named(unit, given.name)
            by = (actor.account_id, unit.now)
            made = accounts.open_account(holder, given, account_id=account_id, password_hash=password_hash, by=by)
            _put(unit, _accepted(made).state)
            return {"account_id": account_id}

        act = Act(actor, "account-opened", account_id, details={"roles": " ".join(sorted(given.roles))})
        return await self._once(command_id, act, work)

    async def change_account(self, command_id: str, actor: Actor, account_id: str, *, change: AccountChange) -> Result:
        """Change an account and end its sessions in all rooms."""
        password_hash = await sessions.hashed(change.password) if change.password else ""

        async def work(unit: Unit) -> Result:
            account = await storage.load_account(unit, account_id)
            if account is None:
                raise refused(refuse("account-unknown"))
            others = await storage.other_administrators(unit, account_id)
            by = (actor.account_id, unit.now)
            made = accounts.change_account(account, change, password_hash=password_hash, others=others, by=by)
            after = _accepted(made).state
            if after is not None and after.revision != account.revision:
                _put(unit, after)
                storage.intend_revocation(unit, account_id)
            return {"account_id": account_id}

        act = Act(actor, "account-changed", account_id, details=_changed(change))
        result = await self._once(command_id, act, work)
        await sessions.revoke(self._service)
        return result

    async def open_first_account(self, password: str) -> bool:
        """Open the administrator's account in a database without any; False when there are accounts."""
        account_id = derived("first", FIRST)
        given = NewAccount(name=FIRST, display_name="Quản trị viên", password=password, roles=("administrator",))
        password_hash = await sessions.hashed(password)

        async def work(unit: Unit) -> bool:
            if await unit.find("accounts", {}, limit=1):
                return False
            by = (account_id, unit.now)
            made = accounts.open_account(None, given, account_id=account_id, password_hash=password_hash, by=by)
            _put(unit, _accepted(made).state)
            itself = Actor(self._service.source, "", frozenset())
            record(unit, unit.cause.id, Act(itself, "account-opened", account_id, details={"roles": "administrator"}))
            return True

        cause = Cause(self._service.source, "first-account")
        return await self._service.store.transact(cause, self._service.clock.now(), work)

    async def _once(self, command_id: str, act: Act, work: Callable[[Unit], Awaitable[Result]]) -> Result:
        own_id, now = scoped(command_id, act.actor), self._service.clock.now()
        return await self._service.store.command(own_id, now, work, act=act)


def ruling_of(command_id: str, actor: Actor, *, verdict: Verdict, content_hash: str, **said: str) -> Ruling:
    """The ruling that a command gives, under an id that a repeat gives again; said is its note, and its link if any."""
    note, link = said["note"].strip(), said.get("link", "")
    return Ruling(derived(scoped(command_id, actor), "decision"), verdict, content_hash, note, link)


def _accepted(decision: Decision[S]) -> Decision[S]:
    if decision.refusals:
        raise refused(*decision.refusals)
    return decision


def _changed(change: AccountChange) -> dict[str, str]:
    """What of an account is to be different: its roles and whether it is open as they will be, the rest by name."""
    told = {name: "changed" for name in change.model_fields_set if getattr(change, name) is not None}
    if change.roles is not None:
        told["roles"] = " ".join(sorted(change.roles))
    if change.active is not None:
        told["active"] = str(change.active).lower()
    return told


def _put(unit: Unit, account: Account | None) -> None:
    assert account is not None
    unit.put("accounts", storage.to_doc(account))
