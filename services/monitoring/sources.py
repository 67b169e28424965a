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
TOKENS = Collection(
    "tokens",
    schema_version=2,
    indexes=(IndexModel([("source", ASCENDING), ("issued_at", ASCENDING)]),),
    upcasts={1: lambda doc: doc | {"ends_at": None, "quota_per_minute": None}},
)
NOT_REGISTRABLE = Refusal(
    "source-not-registrable",
    N_("Nguồn phải là một đường dẫn tuyệt đối, không có đoạn trống, đoạn . hay .., không nằm dưới /publicity."),
    "/source",
    N_("Ghi như /sis hoặc /sis/events: chữ cái không dấu, số, dấu chấm, gạch nối."),
)
TOKEN_UNKNOWN = Refusal("token-unknown", N_("Không có khóa truy cập này."), fix=N_("Mở lại danh sách nguồn gửi."))
TOKEN_ENDED = Refusal(
    "token-ended",
    N_("Khóa này đã bị thu hồi, hoặc đang được thay bằng khóa mới."),
    fix=N_("Dùng khóa mới nhất của nguồn, hoặc cấp khóa mới."),
)
LONGEST_OVERLAP_H = 720


class NewToken(Record):
    """Whom a new token is to speak for, and what it may do."""

    source: Annotated[str, Text(200, as_sent=True), WithJsonSchema({"type": "string", "pattern": SOURCE_PATTERN})]
    scopes: Annotated[tuple[Literal["events:write", "read"], ...], Field(min_length=1)]
    quota_per_minute: Annotated[int | None, Field(ge=1, le=1_000_000, description="Absent: the door's own.")] = None


class Rotation(Record):
    """How long the old token goes on beside the new one."""

    overlap_h: Annotated[int, Field(ge=0, le=LONGEST_OVERLAP_H)] = 24


@dataclass(frozen=True, slots=True)
class SourceSystem:
    """Who a bearer token speaks for: a source prefix by whole path segments, and what it may do."""

    token_id: str
    source: str
    scopes: frozenset[str]
    quota_per_minute: int | None = None


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
    told = {"source": given.source, "scopes": list(dict.fromkeys(given.scopes))}

    async def work(unit: Unit) -> dict[str, Any]:
        row = _new_row(token, told | {"quota_per_minute": given.quota_per_minute}, by, now)
        unit.put("tokens", row)
        return {"token_id": row["_id"], **told}

    act = Act(by, "token-issued", hash_token(token), details=_details(told))
    made = await store.command(scoped(command_id, by), now, work, act=act, about=given.source)
    return _once_shown(made, token)


def _details(told: dict[str, Any]) -> dict[str, str]:
    return {"source": told["source"], "scopes": " ".join(told["scopes"])}


def _new_row(token: str, told: dict[str, Any], by: Actor, now: datetime) -> dict[str, Any]:
    times = {"issued_at": format_time(now), "heard_at": None, "ends_at": None, "revoked_at": None, "revoked_by": None}
    return {"_id": hash_token(token), "issued_by": by.account_id, **told, **times}


def _once_shown(made: dict[str, Any], token: str) -> dict[str, Any]:
    return made | {"token": token if made["token_id"] == hash_token(token) else None}


async def rotate_token(
    store: Store, token_id: str, *, given: Rotation, by: tuple[Actor, str], now: datetime
) -> dict[str, Any]:
    """Issue a token for what another may do, and let that one go on for the overlap; a repeat shows no token.

    Shape:   by is who acts and the command's id.
    Raises:  Refused with status 404 for an unknown token, 409 for one that is revoked or being replaced.
    """
    token, (who, command_id) = TOKEN_PREFIX + secrets.token_urlsafe(32), by

    async def work(unit: Unit) -> dict[str, Any]:
        row = await unit.get("tokens", token_id)
        if row is None:
            raise Refused(TOKEN_UNKNOWN, status=404)
        if row["revoked_at"] or row["ends_at"]:
            raise Refused(TOKEN_ENDED, status=409)
        told = {name: row[name] for name in ("source", "scopes", "quota_per_minute")}
        unit.put("tokens", row | {"ends_at": format_time(now + timedelta(hours=given.overlap_h))})
        new = _new_row(token, told, who, now)
        unit.put("tokens", new)
        return {"token_id": new["_id"], "source": told["source"], "scopes": told["scopes"]}

    act = Act(who, "token-replaced", token_id, details={"overlap_h": str(given.overlap_h)})
    return _once_shown(await store.command(scoped(command_id, who), now, work, act=act), token)


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
    """Whom the token speaks for, None when it is unknown, revoked or replaced; notes at most each minute its use."""
    row = await store.get("tokens", hash_token(token))
    if row is None or row["revoked_at"] or (row["ends_at"] and parse_time(row["ends_at"]) <= now):
        return None
    if row["heard_at"] is None or abs(now - parse_time(row["heard_at"])) >= NOTED_EACH:
        await store.raw("tokens").update_one({"_id": row["_id"]}, {"$set": {"heard_at": format_time(now)}})
    return SourceSystem(row["_id"], row["source"], frozenset(row["scopes"]), row["quota_per_minute"])


async def tokens(store: Store) -> list[dict[str, Any]]:
    """All tokens, those of one source together, without anything that opens a door."""
    rows = await store.find("tokens", {}, sort=[("source", ASCENDING), ("issued_at", ASCENDING)])
    told, times = ("source", "scopes", "quota_per_minute", "issued_by"), ("issued_at", "heard_at", "ends_at")
    names = (*told, *times, "revoked_at", "revoked_by")
    return [{"token_id": row["_id"], **{name: row[name] for name in names}} for row in rows]


class Quota:
    """How many events each source posted in the running minute; kept per process, a guard and not an account."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._spent: dict[str, tuple[float, int]] = {}

    def _running(self, source: str) -> tuple[float, int]:
        now = time.monotonic()
        since, spent = self._spent.get(source, (now, 0))
        return (now, 0) if now - since >= WINDOW_S else (since, spent)

    def wait_s(self, source: str, limit: int | None = None) -> float:
        """Seconds until the source may post again; 0.0 while anything of its minute is left."""
        since, spent = self._running(source)
        return WINDOW_S - (time.monotonic() - since) if spent >= (limit or self._per_minute) else 0.0

    def take(self, source: str, count: int, *, limit: int | None = None) -> float:
        """Take `count` events from the source's minute; 0.0 when there is room, else seconds to wait.

        Shape:   limit is the source's own, where it has one.
        """
        since, spent = self._running(source)
        if spent and spent + count > (limit or self._per_minute):
            return WINDOW_S - (time.monotonic() - since)
        self._spent[source] = (since, spent + count)
        return 0.0
