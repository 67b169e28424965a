"""Passwords and sessions: signing in, waiting after wrong passwords, ending what was begun, also across a crash.

Argon2 runs in two threads: a crowd that signs in takes no more memory than that. Tries and sessions live in wall time.
It must never log or keep a password, nor grant a role: a session carries what the account had when it was opened.
"""

import asyncio
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from pwdlib import PasswordHash

from services.approval import storage
from services.approval.accounts import Account, pause_s
from services.approval.refusals import refuse, refused
from services.approval.settings import Settings
from services.chassis.audit.acts import Act, record
from services.chassis.clock import wall_now
from services.chassis.decision import Actor
from services.chassis.unit import Cause, Unit
from services.chassis.web.identity import close_session, open_session, revoke_sessions
from services.chassis.web.problems import Problem

if TYPE_CHECKING:
    from services.chassis.app import Service

_HASHER = PasswordHash.recommended()
_TWO = ThreadPoolExecutor(2, "argon2")
NOBODY = Actor("", "", frozenset())
# Verified when no account has the name, so that the answer takes as long.
_NOBODY = _HASHER.hash("no account has this password")
FORGET_AFTER = timedelta(hours=1)
SWEEP_EACH_S = 1.0


async def hashed(password: str) -> str:
    """The password as it is kept."""
    return await asyncio.get_running_loop().run_in_executor(_TWO, _HASHER.hash, password)


async def verified(password: str, account: Account | None) -> bool:
    """Whether the password is the account's; takes as long without an account."""
    kept = account.password_hash if account else _NOBODY
    is_right = await asyncio.get_running_loop().run_in_executor(_TWO, _HASHER.verify, password, kept)
    return is_right and account is not None and account.active


async def confirm(service: "Service", name: str, password: str, *, address: str) -> Account:
    """Return the account whose name and password these are.

    Raises:  Refused sign-in-failed; Problem 429 sign-in-throttled while the name has to wait at this address.
    """
    key = sha256(f"{name}\n{address}".encode()).hexdigest()
    assert isinstance(service.settings, Settings)
    tries = service.settings.sign_in_tries
    pauses = [pause_s(failures, tries) for failures in range(tries + 14)]
    wait_s = await storage.count_try(service.store, key, now=wall_now(), keep=FORGET_AFTER, pauses_s=pauses)
    if wait_s:
        raise Problem(429, refuse("sign-in-throttled", wait_s=wait_s), headers={"Retry-After": str(wait_s)})
    account = await storage.account_by_name(service.store, name)
    if not await verified(password, account) or account is None:
        await note(service, NOBODY, "sign-in-failed", subject=account.account_id if account else "")
        raise refused(refuse("sign-in-failed"))
    await service.store.raw("sign_ins").delete_one({"_id": key})
    return account


async def sign_in(service: "Service", name: str, password: str, *, address: str) -> str:
    """Open a session and return its token.

    The account is read again after the session is stored: a change in between ends its sessions before or sees this
    one, so none outlives the roles it was opened with.
    Raises:  Refused sign-in-failed; Problem 429 sign-in-throttled.
    """
    account = await confirm(service, name, password, address=address)
    await note(service, account.actor(), "signed-in", subject=account.account_id)
    token = await open_session(service, account.actor(), wall_now())
    again = await storage.account(service.store, account.account_id)
    if again is None or again.revision != account.revision:
        await close_session(service, token)
        raise refused(refuse("sign-in-failed"))
    return token


async def note(service: "Service", actor: Actor, name: str, *, subject: str) -> None:
    """Put a sign-in, or one that failed, into the log of acts: before its effect, so that none goes unseen.

    What was typed as a name is not kept, but whether an account has it makes no difference in time.
    """

    async def work(unit: Unit) -> None:
        record(unit, str(uuid.uuid4()), Act(actor, name, subject, at=service.clock.now()))

    await service.store.transact(Cause(service.source, name), wall_now(), work)


async def revoke(service: "Service") -> None:
    """End the sessions of all accounts that were noted as changed, then take the notes away."""
    for note in await storage.intended_revocations(service.store):
        await revoke_sessions(service, note["account_id"])
        await service.store.raw("revocations").delete_one({"_id": note["_id"]})


async def keep_revoking(service: "Service") -> None:
    """The task behind `revoke`: a command that was cut off between its commit and the revocation is made good."""
    while True:
        await revoke(service)
        await asyncio.sleep(SWEEP_EACH_S)
