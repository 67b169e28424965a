"""Who asks: server-side sessions and the roles a door requires; it must never store a token or see a password.

Sessions live in wall time. The cookie holds a random token, the database its SHA-256; ending a session is deleting it.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import quote

from fastapi import Request, Response
from pymongo import ASCENDING, IndexModel

from services.chassis.clock import wall_now
from services.chassis.decision import Actor
from services.chassis.settings import Settings
from services.chassis.web.i18n import N_

if TYPE_CHECKING:
    from services.chassis.app import Service

SLIDES, LASTS, TOUCHED_EACH = timedelta(hours=12), timedelta(days=7), timedelta(minutes=5)
ROLE_NAMES = {
    "administrator": N_("Quản trị viên"),
    "rectorate": N_("Ban Giám hiệu"),
    "office_head": N_("Lãnh đạo phòng"),
    "editor": N_("Biên tập viên"),
    "contributor": N_("Cộng tác viên"),
    "operator": N_("Người vận hành"),
    "auditor": N_("Người kiểm tra"),
    "viewer": N_("Người xem"),
}


class SignInNeeded(Exception):
    """The door asks for a signed-in person, and nobody is."""


class RoleNeeded(Exception):
    """The signed-in person holds none of the roles that the door asks for."""

    def __init__(self, roles: frozenset[str]) -> None:
        super().__init__(", ".join(sorted(roles)))
        self.roles = roles


def digest_of(token: str) -> str:
    """What is stored instead of the token."""
    return sha256(token.encode()).hexdigest()


def ends_at(opened_at: datetime, seen_at: datetime) -> datetime:
    """When a session ends unless it is used before: 12 hours after its last use, 7 days after the sign-in at most."""
    return min(seen_at + SLIDES, opened_at + LASTS)


async def prepare_sessions(service: "Service") -> None:
    """Make the indexes of the sessions; harmless when repeated. The one on `ends_at` only tidies up."""
    ended = IndexModel([("ends_at", ASCENDING)], expireAfterSeconds=3600)
    await service.sessions.create_indexes([ended, IndexModel([("account_id", ASCENDING)])])


async def open_session(
    service: "Service", actor: Actor, now: datetime, *, new_token: Callable[[], str] = lambda: secrets.token_urlsafe(32)
) -> str:
    """Open a session at the wall time `now` and return its token, 256 random bits, for `set_cookie`."""
    token = new_token()
    who = {"account_id": actor.account_id, "name": actor.name, "roles": sorted(actor.roles), "unit": actor.unit}
    times = {"opened_at": now, "seen_at": now, "ends_at": ends_at(now, now)}
    await service.sessions.insert_one({"_id": digest_of(token), **who, **times})
    return token


async def close_session(service: "Service", token: str) -> None:
    """End one session; harmless when it is over."""
    await service.sessions.delete_one({"_id": digest_of(token)})


async def revoke_sessions(service: "Service", account_id: str) -> int:
    """End all sessions of an account in all rooms, from the next request on; return how many there were."""
    return int((await service.sessions.delete_many({"account_id": account_id})).deleted_count)


async def find_session(service: "Service", token: str, now: datetime) -> Actor | None:
    """Whose session the token is, None once it has ended; notes the use at most every 5 minutes."""
    doc = await service.sessions.find_one({"_id": digest_of(token)})
    if doc is None or ends_at(doc["opened_at"], doc["seen_at"]) <= now:
        return None
    if now - doc["seen_at"] >= TOUCHED_EACH:
        seen = {"seen_at": now, "ends_at": ends_at(doc["opened_at"], now)}
        await service.sessions.update_one({"_id": doc["_id"]}, {"$set": seen})
    return Actor(doc["account_id"], doc["name"], frozenset(doc["roles"]), doc["unit"])


def cookie_name(settings: Settings) -> str:
    """The name of the session cookie: bound to the host when it travels under TLS alone."""
    return "__Host-publicity_session" if settings.cookie_secure else "publicity_session"


def set_cookie(response: Response, settings: Settings, token: str) -> None:
    """Give the browser its token, out of reach of scripts; an empty token takes it back."""
    life_s = int(LASTS.total_seconds()) if token else 0
    response.set_cookie(
        cookie_name(settings), token, max_age=life_s, secure=settings.cookie_secure, httponly=True, samesite="lax"
    )


def token_of(request: Request) -> str:
    """The token of the request's cookie, or an empty text."""
    return request.cookies.get(cookie_name(request.app.state.service.settings), "")


async def actor_of(request: Request) -> Actor | None:
    """Who asks, or None; read once per request."""
    if not hasattr(request.state, "actor"):
        token = token_of(request)
        request.state.actor = await find_session(request.app.state.service, token, wall_now()) if token else None
    return request.state.actor  # type: ignore[no-any-return]


def known_actor(request: Request) -> Actor | None:
    """Who asks, as far as it was read already; never asks the database."""
    return getattr(request.state, "actor", None)


async def signed_in(request: Request) -> Actor:
    """The door's dependency on any signed-in person; raises SignInNeeded."""
    actor = await actor_of(request)
    if actor is None:
        raise SignInNeeded
    return actor


@dataclass(frozen=True)
class Requirement:
    """The door's dependency on a role; `roles` can be read by the test of routes and roles."""

    roles: frozenset[str]

    async def __call__(self, request: Request) -> Actor:
        """The person; raises SignInNeeded, RoleNeeded."""
        actor = await signed_in(request)
        if not actor.has(*self.roles):
            raise RoleNeeded(self.roles)
        return actor


def require(*roles: str) -> Requirement:
    """A dependency that lets in whoever holds at least one of the roles; nobody else.

    Raises:  ValueError without roles: a door for all who are signed in says `signed_in`.
    """
    if not roles:
        raise ValueError("name the roles that may enter, or use signed_in")
    return Requirement(frozenset(str(role) for role in roles))


def safe_next(settings: Settings, address: str) -> str:
    """The address to go on to after a sign-in: inside one of the rooms, else the first page of this one."""
    is_plain = address.isprintable() and "\\" not in address and " " not in address
    if is_plain and address.startswith("/") and not address.startswith("//"):
        return address
    rooms = (url.rstrip("/") for url in settings.room_urls.values())
    return address if is_plain and any(f"{address}/".startswith(f"{room}/") for room in rooms) else "/"


def sign_in_address(service: "Service", here: str) -> str:
    """Where to sign in, so that the way leads back to `here`, a path of this room."""
    rooms = service.settings.room_urls
    back = f"{rooms[service.name].rstrip('/')}{here}"
    return f"{rooms['approval'].rstrip('/')}/sign-in?next={quote(back, safe='')}"
