"""The unit of work: one transaction's reads, writes and announcements; it must never outlive its transaction."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from motor.motor_asyncio import AsyncIOMotorClientSession
from pymongo import DeleteOne, IndexModel, InsertOne, ReplaceOne, UpdateOne

from contracts.envelope import Message, encode, message_id
from contracts.registry import BY_MODEL
from contracts.topics import BY_NAME as TOPICS
from services.chassis.clock import wall_now
from services.chassis.decision import Announcement

if TYPE_CHECKING:
    from services.chassis.store import Store

WAITING, SENT, READY = 0, 1, 2  # of a row of the outbox; what is ready waits for its release (`outbox.release`)
BESIDE_BYTES = 8_192  # what headers and framing may take of a topic's largest record
Document = dict[str, Any]
Upcast = Callable[[Document], Document]


@dataclass(frozen=True)
class Collection:
    """A collection of a service: its name, version of its documents, indexes, and how older documents are lifted.

    Shape:   upcasts[n] turns a document of schema_version n into one of n + 1; indexes are key lists.
    """

    name: str
    schema_version: int = 1
    indexes: tuple[IndexModel, ...] = ()
    upcasts: Mapping[int, Upcast] = field(default_factory=dict)

    def lift(self, doc: Document) -> Document:
        """The document in today's shape; raises SchemaTooNew when a newer release wrote it."""
        version = doc.get("schema_version", 1)
        if version > self.schema_version:
            raise SchemaTooNew(f"{self.name}/{doc['_id']} has schema_version {version}: start the newer release")
        while version < self.schema_version:
            doc, version = self.upcasts[version](doc), version + 1
        return doc | {"schema_version": self.schema_version}


class VersionConflict(Exception):
    """Another writer changed a document that this unit had read; the unit is decided again."""


class TooLarge(Exception):
    """A record is larger than its topic takes."""


class SchemaTooNew(Exception):
    """A stored document was written by a newer release."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why something is done: the message or command that led to it."""

    source: str
    id: str
    correlation_id: str | None = None

    @classmethod
    def of(cls, message: Message) -> "Cause":
        """The message as the cause of what follows from it."""
        return cls(message.source, message.id, message.correlationid or message.id)


class Unit:
    """One transaction's worth of work: what was read, what is to be stored, what is to be announced."""

    def __init__(self, store: "Store", session: AsyncIOMotorClientSession, cause: Cause, now: datetime) -> None:
        self.cause = cause
        self.now = now
        self._store = store
        self._session = session
        self._read: dict[tuple[str, Any], Document | None] = {}
        self._versions: dict[tuple[str, Any], int | None] = {}  # None: stored, but never by a unit
        self._stored: dict[tuple[str, Any], Document] = {}  # as the database has it, where that is today's shape
        self._dirty: dict[tuple[str, Any], Document | None] = {}
        self._rows: dict[str, Document] = {}
        self._order = 0

    @property
    def source(self) -> str:
        """The service's own source: the cause of what no message and no person caused."""
        return self._store.source

    async def get(self, collection: str, doc_id: Any) -> Document | None:
        """The document as this unit sees it, its own changes included, or None."""
        return (await self.get_many(collection, [doc_id])).get(doc_id)

    async def get_many(self, collection: str, doc_ids: Sequence[Any]) -> dict[Any, Document]:
        """The documents that exist among the ids, read with one query."""
        absent = [doc_id for doc_id in dict.fromkeys(doc_ids) if (collection, doc_id) not in self._read]
        if absent:
            cursor = self._store.raw(collection).find({"_id": {"$in": absent}}, session=self._session)
            found = {doc["_id"]: doc for doc in await cursor.to_list(None)}
            for doc_id in absent:
                self._keep(collection, doc_id, found.get(doc_id))
        known = ((doc_id, self._read[collection, doc_id]) for doc_id in doc_ids)
        return {doc_id: doc for doc_id, doc in known if doc is not None}

    async def find(
        self, collection: str, where: Mapping[str, Any], *, sort: Any = None, limit: int = 0
    ) -> list[Document]:
        """Documents that match in the database; what this unit itself changed shows in its changed form."""
        cursor = self._store.raw(collection).find(where, session=self._session, sort=sort, limit=limit)
        found = await cursor.to_list(None)
        for doc in found:
            if (collection, doc["_id"]) not in self._read:
                self._keep(collection, doc["_id"], doc)
        kept = (self._read[collection, doc["_id"]] for doc in found)
        return [doc for doc in kept if doc is not None]

    def _keep(self, collection: str, doc_id: Any, doc: Document | None) -> None:
        key = (collection, doc_id)
        if doc is None:
            self._read[key] = None
            return
        self._versions[key] = doc.pop("v", None)
        self._order = max(self._order, doc.pop("o", 0))
        definition = self._store.collection(collection)
        lifted = self._read[key] = definition.lift(doc)
        if doc.get("schema_version") == definition.schema_version:
            self._stored[key] = lifted

    def put(self, collection: str, doc: Document) -> None:
        """Store the document: a new one, or the next version of one that this unit has read."""
        key = (collection, doc["_id"])
        self._read[key] = self._dirty[key] = doc

    def has_changed(self, collection: str, doc_id: Any) -> bool:
        """Whether this unit itself stores or removes the document: a query of the database does not see that yet."""
        return (collection, doc_id) in self._dirty

    def delete(self, collection: str, doc_id: Any) -> None:
        """Remove a document that this unit has read."""
        self._read[collection, doc_id] = self._dirty[collection, doc_id] = None

    def announce(self, *announcements: Announcement, ready: Mapping[str, Any] | None = None) -> tuple[Message, ...]:
        """Add messages to the outbox and return them: they travel if and only if this unit is committed.

        Shape:   ready makes them ready only: they travel when they are released, by what it says of them, and until
                 then whoever deletes their rows takes them back.
        """
        messages = tuple(self._message(announcement) for announcement in announcements)
        for message in messages:
            self.send(message.id, message.topic, key=message.subject.encode(), value=encode(message))
            if ready is not None:
                self._rows[message.id] |= {"st": READY, "ready": dict(ready)}
        return messages

    def send(self, row_id: str, topic: str, *, key: bytes | None, value: bytes | None, headers: Any = ()) -> None:
        """Add a raw record to the outbox under its own id; the same id again replaces it and comes last.

        Raises:  TooLarge for what the topic would refuse: it would hold up its key for ever.
        """
        size = len(key or b"") + len(value or b"")
        if topic in TOPICS and size > TOPICS[topic].max_bytes - BESIDE_BYTES:
            raise TooLarge(f"{size} bytes are too many for {topic}")
        self._rows.pop(row_id, None)
        row = {"_id": row_id, "topic": topic, "key": key, "value": value, "headers": list(headers)}
        self._rows[row_id] = row | {"st": WAITING, "at": wall_now()}

    def _message(self, announcement: Announcement) -> Message:
        kind = BY_MODEL[type(announcement.data)].type
        discriminator = announcement.discriminator or announcement.subject
        return Message(
            id=message_id(self.cause.source, self.cause.id, kind, discriminator=discriminator),
            source=announcement.source or self._store.source,
            type=kind,
            subject=announcement.subject,
            time=announcement.time or self.now,
            data=announcement.data,
            sequence=announcement.sequence,
            recordedtime=announcement.recorded or self.now,
            correlationid=self.cause.correlation_id or self.cause.id,
            causationid=self.cause.id,
        )

    async def flush(self) -> None:
        """Write everything down inside the transaction; raises VersionConflict when a guard did not match."""
        self._number_rows()
        writes: dict[str, list[Any]] = {}
        guarded = 0
        for (collection, doc_id), doc in self._dirty.items():
            guarded += (collection, doc_id) in self._versions
            operation = self._write(collection, doc_id, doc)
            if operation:
                writes.setdefault(collection, []).append(operation)
        matched = 0
        for collection, operations in writes.items():
            result = await self._store.raw(collection).bulk_write(operations, ordered=False, session=self._session)
            matched += result.matched_count + result.deleted_count
        if matched != guarded:
            raise VersionConflict
        if self._rows:
            await self._store.raw("outbox").insert_many(list(self._rows.values()), ordered=False, session=self._session)

    def _number_rows(self) -> None:
        """Place the rows behind all that the documents read here have announced, whatever the machine's clock says."""
        if self._rows:
            self._order = max(self._order, time.time_ns() // 1000)
        for row in self._rows.values():
            self._order += 1
            row["o"] = self._order

    def _write(self, collection: str, doc_id: Any, doc: Document | None) -> Any:
        is_stored = (collection, doc_id) in self._versions
        version = self._versions.get((collection, doc_id))
        if doc is None:
            return DeleteOne({"_id": doc_id, "v": version}) if is_stored else None
        schema_version = self._store.collection(collection).schema_version
        marked = {"schema_version": schema_version, "v": (version or 0) + 1, "o": self._order}
        if not is_stored:
            return InsertOne(doc | marked)
        before = self._stored.get((collection, doc_id))
        guard = {"_id": doc_id, "v": version}
        return ReplaceOne(guard, doc | marked) if before is None else UpdateOne(guard, _changes(before, doc, marked))

    @property
    def row_ids(self) -> tuple[str, ...]:
        """The ids of the rows that the outbox gets from this unit."""
        return tuple(self._rows)


def _changes(before: Document, after: Document, marked: Document) -> Document:
    """The update that makes one document of the other: the database then looks at the indexes of what changed alone."""
    changed = {name: value for name, value in after.items() if name not in before or before[name] != value}
    gone = dict.fromkeys(before.keys() - after.keys() - marked.keys(), "")
    return {"$set": changed | marked} | ({"$unset": gone} if gone else {})
