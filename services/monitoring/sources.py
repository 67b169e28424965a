"""The source systems that may post events: their tokens, scopes and quotas; a token is kept as its hash alone."""

import hashlib
import secrets
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import Field, WithJsonSchema
from pymongo import ASCENDING, IndexModel

from contracts.fields import Record, Text
from contracts.times import format_time, parse_time
from services.chassis.audit.acts import Act
from services.chassis.decision import Actor, Refusal, Refused, derived, scoped
from services.chassis.store import Store
from services.chassis.unit import Collection, Unit
from services.chassis.web.i18n import N_
from services.monitoring.intake.acceptance import SOURCE_PATTERN, is_registrable

SCOPES = ("events:write", "read")
TOKEN_PREFIX = "ptt_"
WINDOW_S = 60.0
NOTED_EACH = timedelta(minutes=1)
TOKENS = Collection("tokens", indexes=(IndexModel([("source", ASCENDING), ("issued_at", ASCENDING)]),))
NOT_REGISTRABLE = Refusal(
    "source-not-registrable",
    N_("Nguồn phải là một đường dẫn tuyệt đối, không có đoạn trống, đoạn . hay .., không nằm dưới /publicity."),
    "/source",
    N_("Ghi như /sis hoặc /sis/events: chữ cái không dấu, số, dấu chấm, gạch nối."),
)
TOKEN_UNKNOWN = Refusal("token-unknown", N_("Không có khóa truy cập này."), fix=N_("Mở lại danh sách nguồn gửi."))


class NewToken(Record):
    """Whom a new token is to speak for, and what it may do."""

    source: Annotated[str, Text(200, as_sent=True), WithJsonSchema({"type": "string", "pattern": SOURCE_PATTERN})]
    scopes: Annotated[tuple[Literal["events:write", "read"], ...], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class SourceSystem:
    """Who a bearer token speaks for: a source prefix by whole path segments, and what it may do."""

    token_id: str
    source: str
    scopes: frozenset[str]


def hash_token(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


async def issue_token(store: Store, given: NewToken, *, by: Actor, command_id: str, now: datetime) -> dict[str, Any]:
    """Store a new token's hash; only the first answer to a command holds the token itself, a repeat holds None.

    Raises:  Refused for a source that no sender can have.
    """
    if not is_registrable(given.source):
        raise Refused(NOT_REGISTRABLE)
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    scopes = list(dict.fromkeys(given.scopes))

    async def work(unit: Unit) -> dict[str, Any]:
        times = {"issued_at": format_time(now), "heard_at": None, "revoked_at": None, "revoked_by": None}
        row = {"_id": hash_token(token), "source": given.source, "scopes": scopes, "issued_by": by.account_id}
        unit.put("tokens", row | times)
        return {"token_id": row["_id"], "source": given.source, "scopes": scopes}

    act = Act(by, "token-issued", hash_token(token), details={"source": given.source, "scopes": " ".join(scopes)})
    made = await store.command(scoped(command_id, by), now, work, act=act)
    return made | {"token": token if made["token_id"] == hash_token(token) else None}


async def revoke_token(store: Store, token_id: str, *, by: Actor, now: datetime) -> None:
    """Revoke a token at once; harmless when it was revoked before, and then no second act.

    Raises:  Refused with status 404 when there is none with that id.
    """

    async def work(unit: Unit) -> dict[str, Any]:
        row = await unit.get("tokens", token_id)
        if row is None:
            raise Refused(TOKEN_UNKNOWN, status=404)
        revoked = {"revoked_at": format_time(now), "revoked_by": by.account_id}
        unit.put("tokens", row | (revoked if row["revoked_at"] is None else {}))
        return {}

    await store.command(derived(token_id, "revoked"), now, work, act=Act(by, "token-revoked", token_id))


async def find_source(store: Store, token: str, now: datetime) -> SourceSystem | None:
    """Whom the token speaks for, or None when it is unknown or revoked; notes at most each minute that it was used."""
    row = await store.raw("tokens").find_one({"_id": hash_token(token), "revoked_at": None})
    if row is None:
        return None
    if row["heard_at"] is None or abs(now - parse_time(row["heard_at"])) >= NOTED_EACH:
        await store.raw("tokens").update_one({"_id": row["_id"]}, {"$set": {"heard_at": format_time(now)}})
    return SourceSystem(row["_id"], row["source"], frozenset(row["scopes"]))


async def tokens(store: Store) -> list[dict[str, Any]]:
    """All tokens, those of one source together, without anything that opens a door."""
    rows = await store.find("tokens", {}, sort=[("source", ASCENDING), ("issued_at", ASCENDING)])
    names = ("source", "scopes", "issued_by", "issued_at", "heard_at", "revoked_at", "revoked_by")
    return [{"token_id": row["_id"], **{name: row[name] for name in names}} for row in rows]


class Quota:
    """How many events each source posted in the running minute; kept per process, a guard and not an account."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._spent: dict[str, tuple[float, int]] = {}

    def take(self, source: str, count: int) -> float:
        """Take `count` events from the source's minute; 0.0 when there is room, else seconds to wait."""
        now = time.monotonic()
        since, spent = self._spent.get(source, (now, 0))
        if now - since >= WINDOW_S:
            since, spent = now, 0
        if spent and spent + count > self._per_minute:
            return WINDOW_S - (now - since)
        self._spent[source] = (since, spent + count)
        return 0.0
