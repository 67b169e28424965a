"""One MongoDB database of a service; the way in for every change is `transact`."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import pymongo
from motor.motor_asyncio import (
    AsyncIOMotorClient,
    AsyncIOMotorClientSession,
    AsyncIOMotorCollection,
    AsyncIOMotorGridFSBucket,
)
from pymongo import ASCENDING, IndexModel, ReadPreference, WriteConcern
from pymongo.errors import (
    BulkWriteError,
    CollectionInvalid,
    ConnectionFailure,
    DuplicateKeyError,
    ExecutionTimeout,
    OperationFailure,
    PyMongoError,
    WTimeoutError,
)
from pymongo.read_concern import ReadConcern

from services.chassis.audit import acts
from services.chassis.clock import wall_now
from services.chassis.decision import CommandIdUsed
from services.chassis.unit import READY, WAITING, Cause, Collection, Document, Unit, VersionConflict

T = TypeVar("T")
Work = Callable[[Unit], Awaitable[T]]
NAMESPACE_EXISTS, WRITE_CONFLICT, DUPLICATE = 48, 112, 11000
UNIT_TIMEOUT_S = 30.0
INDEX_TIMEOUT_S = 3600.0
COMMIT_TIMEOUT_MS = 10_000
CONFLICT_ATTEMPTS = 12
TRANSACTION: dict[str, Any] = {
    "read_concern": ReadConcern("snapshot"),
    "write_concern": WriteConcern("majority", wtimeout=COMMIT_TIMEOUT_MS),
    "read_preference": ReadPreference.PRIMARY,
    "max_commit_time_ms": COMMIT_TIMEOUT_MS,
}
TRANSIENT_LABELS = ("TransientTransactionError", "UnknownTransactionCommitResult", "RetryableWriteError")

OWN_COLLECTIONS = (
    Collection(
        "outbox",
        indexes=(
            IndexModel([("o", ASCENDING)], partialFilterExpression={"st": WAITING}, name="waiting"),
            IndexModel([("ready.until", ASCENDING)], partialFilterExpression={"st": READY}, name="ready"),
            IndexModel([("topic", ASCENDING), ("o", ASCENDING)], name="journal"),
        ),
    ),
    Collection("seen"),
    Collection("commands"),
    Collection("dead_letters", indexes=(IndexModel([("status", ASCENDING), ("at", ASCENDING)]),)),
    Collection("leases"),
    *acts.COLLECTIONS,
)


class Store:
    """The database of one service; commands and batches change it through `transact` alone."""

    def __init__(
        self,
        client: "AsyncIOMotorClient[Document]",
        database: str,
        *,
        source: str,
        collections: Sequence[Collection],
    ) -> None:
        self.client = client
        self.database = client.get_database(database)
        self.source = source
        self.woken = asyncio.Event()
        self._collections = {c.name: c for c in (*OWN_COLLECTIONS, *collections)}

    def collection(self, name: str) -> Collection:
        """The definition of a collection; KeyError for one that the service did not declare."""
        return self._collections[name]

    def raw(self, name: str) -> "AsyncIOMotorCollection[Document]":
        """The driver's collection, for reads beside transactions and for the chassis itself."""
        return self.database[self._collections[name].name]

    def bucket(self, name: str) -> AsyncIOMotorGridFSBucket:
        """A GridFS bucket for files; a file is written before the unit that refers to it."""
        return AsyncIOMotorGridFSBucket(self.database, bucket_name=name)

    async def get(self, name: str, doc_id: Any) -> Document | None:
        """One document for a page, lifted to today's shape, or None."""
        doc = await self.raw(name).find_one({"_id": doc_id})
        return self.collection(name).lift(doc) if doc else None

    async def find(
        self, name: str, where: Mapping[str, Any], *, sort: Any = None, limit: int = 0, fields: Any = None
    ) -> list[Document]:
        """Documents for a page, lifted to today's shape."""
        cursor = self.raw(name).find(where, projection=fields, sort=sort, limit=limit)
        lift = self.collection(name).lift
        return [lift(doc) for doc in await cursor.to_list(None)]

    async def prepare(self) -> None:
        """Create collections and indexes; harmless when repeated or raced by a second replica."""
        existing = set(await self.database.list_collection_names())
        for name in self._collections:
            if name not in existing:
                await self._create(name)
            await self.create_indexes(name)

    async def create_indexes(self, name: str) -> None:
        """Build a collection's indexes: over a million documents that takes longer than a connection may be silent."""
        indexes = self.collection(name).indexes
        if indexes:
            with pymongo.timeout(INDEX_TIMEOUT_S):
                await self.raw(name).create_indexes(list(indexes))

    async def _create(self, name: str) -> None:
        try:
            await self.database.create_collection(name)
        except CollectionInvalid:
            return
        except OperationFailure as error:
            if error.code != NAMESPACE_EXISTS:
                raise

    async def transact(self, cause: Cause, now: datetime, work: Work[T]) -> T:
        """Run `work` in one transaction, again from the start when another writer was faster.

        `work` may be run several times: it must have no side effect but those on the unit.
        Raises:  TimeoutError after UNIT_TIMEOUT_S; whatever `work` raises, after leaving no trace.
        """
        async with asyncio.timeout(UNIT_TIMEOUT_S):
            return await self._until_first(cause, now, work)

    async def _until_first(self, cause: Cause, now: datetime, work: Work[T]) -> T:
        attempt = 0
        while True:
            try:
                return await self._once(cause, now, work)
            except (VersionConflict, PyMongoError) as error:
                attempt += 1
                if attempt >= _attempts(error):
                    raise
            await asyncio.sleep(random.uniform(0, min(0.01 * 2**attempt, 0.5)))

    async def _once(self, cause: Cause, now: datetime, work: Work[T]) -> T:
        # Not the driver's `with_transaction`: it begins again at once, without a pause, for up to 120 s.
        async with await self.client.start_session() as session, session.start_transaction(**TRANSACTION):
            unit = Unit(self, session, cause, now)
            result = await work(unit)
            await unit.flush()
            await _commit(session)
        if unit.row_ids:
            self.woken.set()
        return result

    async def command(
        self, command_id: str, now: datetime, work: Work[T], *, act: acts.Act | None, about: str | None = None
    ) -> T:
        """Run a person's command once: the same command_id again answers as the first did, without a second effect.

        Shape:   the result of `work` is JSON-able; act is what the log of acts tells, None for nobody's concern;
                 about is what the command is for (default: the act's subject, where that is the same in each try).
        Raises:  CommandIdUsed.
        """
        name, subject = (act.name, act.subject) if act else ("", "")
        done = {"act": name, "about": subject if about is None else about}

        async def once(unit: Unit) -> T:
            before = await unit.get("commands", command_id)
            if before is not None:
                if any(before.get(what, value) != value for what, value in done.items()):
                    raise CommandIdUsed
                return before["result"]  # type: ignore[no-any-return]
            result = await work(unit)
            unit.put("commands", {"_id": command_id, "result": result, "at": wall_now(), **done})
            if act:
                acts.record(unit, command_id, act)
            return result

        return await self.transact(Cause(self.source, command_id), now, once)


async def _commit(session: AsyncIOMotorClientSession) -> None:
    """Commit, and ask again while nobody knows whether it happened: the server commits at most once."""
    while True:
        try:
            await session.commit_transaction()
            return
        except PyMongoError as error:
            if not error.has_error_label("UnknownTransactionCommitResult") or isinstance(error, ExecutionTimeout):
                raise
        await asyncio.sleep(0.1)


def _attempts(error: Exception) -> int:
    """How often a unit that ended so is tried in all: conflicts are decided again, a lost connection once more."""
    if isinstance(error, ConnectionFailure):
        return 2
    if isinstance(error, BulkWriteError):
        is_conflict = all(fault.get("code") in (WRITE_CONFLICT, DUPLICATE) for fault in error.details["writeErrors"])
    else:
        is_conflict = isinstance(error, (VersionConflict, DuplicateKeyError))
    is_conflict = is_conflict or (isinstance(error, PyMongoError) and error.has_error_label(TRANSIENT_LABELS[0]))
    return CONFLICT_ATTEMPTS if is_conflict else 1


def is_transient(error: BaseException) -> bool:
    """Whether trying the same again later can help: the database or the network was away, or others were faster."""
    if isinstance(error, (VersionConflict, ConnectionFailure, ExecutionTimeout, WTimeoutError, OSError)):
        return True
    return isinstance(error, PyMongoError) and any(error.has_error_label(label) for label in TRANSIENT_LABELS)


def create_client(url: str, *, name: str = "publicity") -> "AsyncIOMotorClient[Document]":
    """A client with the timeouts that the chassis relies on; connects when first used.

    Shape:   name is what MongoDB calls its connections (`lease` looks for them).
    """
    return AsyncIOMotorClient(
        url, tz_aware=True, serverSelectionTimeoutMS=3000, socketTimeoutMS=15000, retryWrites=True, appname=name
    )
