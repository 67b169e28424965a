"""The source systems that may post events: their tokens, scopes and quotas; a token is kept as its hash alone."""

import hashlib
import secrets
import time
from dataclasses import dataclass
from typing import Any

from services.chassis.clock import wall_now
from services.chassis.store import Store

SCOPES = ("events:write", "read")
TOKEN_PREFIX = "ptt_"
WINDOW_S = 60.0


@dataclass(frozen=True, slots=True)
class SourceSystem:
    """Who a bearer token speaks for: a source prefix by whole path segments, and what it may do."""

    token_id: str
    source: str
    scopes: frozenset[str]


def hash_token(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


async def issue_token(store: Store, source: str, scopes: tuple[str, ...], *, by: str) -> tuple[str, str]:
    """Store a new token's hash and return (token id, token); the token itself is shown this once."""
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    token_id = hash_token(token)
    row = {"_id": token_id, "source": source, "scopes": list(scopes), "issued_by": by, "issued_at": wall_now()}
    await store.raw("tokens").insert_one(row | {"revoked_at": None, "schema_version": 1})
    return token_id, token


async def revoke_token(store: Store, token_id: str) -> bool:
    """Revoke a token at once; False when there is none with that id that still holds."""
    revoked = {"$set": {"revoked_at": wall_now()}}
    result = await store.raw("tokens").update_one({"_id": token_id, "revoked_at": None}, revoked)
    return result.modified_count == 1


async def find_source(store: Store, token: str) -> SourceSystem | None:
    """Whom the token speaks for, or None when it is unknown or revoked."""
    row: dict[str, Any] | None = await store.raw("tokens").find_one({"_id": hash_token(token), "revoked_at": None})
    return SourceSystem(row["_id"], row["source"], frozenset(row["scopes"])) if row else None


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
