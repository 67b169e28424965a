"""Files that wait for a person's confirmation, and what became of those that were confirmed; each act once per id.

It must never keep a file that nobody confirmed longer than a week, nor show it to others than who keeps the door.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pymongo import ASCENDING, DESCENDING, IndexModel

from contracts.times import format_time, parse_time
from services.chassis.audit.acts import Act
from services.chassis.clock import wall_now
from services.chassis.decision import Actor, scoped
from services.chassis.unit import Collection, Unit
from services.monitoring.imports.files.faults import ImportFault
from services.monitoring.imports.files.reading import kind_of
from services.monitoring.imports.files.rows import Given
from services.monitoring.imports.importing import File, Importer, ImportRefused, Looked

if TYPE_CHECKING:
    from services.chassis.app import Service

Doc = dict[str, Any]
WAITING, DONE, DROPPED = "WAITING", "DONE", "DROPPED"
KEPT_WAITING = timedelta(days=7)
KEEPERS = ("operator", "administrator", "office_head")
SHOWN = 20
COLLECTIONS = (
    Collection(
        "imports",
        indexes=(
            IndexModel([("by", ASCENDING), ("at", DESCENDING)]),
            IndexModel([("drop_at", ASCENDING)], expireAfterSeconds=0),
        ),
    ),
    Collection("imported"),
)


class Waiting:
    """The acts on files.

    Shape:   every act takes the command's id and who gives it.
    Raises:  ImportRefused with the faults of the file, or because it is not there, is done, or has changed.
    """

    def __init__(self, service: "Service", importer: Importer) -> None:
        self._service, self._importer = service, importer

    async def upload(self, command_id: str, actor: Actor, file: File) -> str:
        """Keep a file until it is confirmed, and return its id; a file of no known kind is not kept."""
        kind = kind_of(file.raw)
        if isinstance(kind, ImportFault):
            raise ImportRefused(kind)
        import_id = scoped(command_id, actor)

        async def work(unit: Unit) -> str:
            state = {"status": WAITING, "body": file.raw, "drop_at": wall_now() + KEPT_WAITING}
            unit.put("imports", _doc(import_id, actor, file) | state)
            return import_id

        act = Act(actor, "file-uploaded", import_id)
        return await self._service.store.command(import_id, self._service.clock.now(), work, act=act)

    async def one(self, actor: Actor, import_id: str) -> Doc:
        """An import that the person may see."""
        doc = await self._service.store.get("imports", import_id)
        if doc is None or (doc["by"] != actor.account_id and not actor.has(*KEEPERS)):
            raise ImportRefused(ImportFault("", "import-unknown"))
        return doc

    async def mine(self, actor: Actor) -> list[Doc]:
        """The person's last imports, without the files."""
        few = {"body": 0, "rows": 0}
        latest = [("at", DESCENDING)]
        return await self._service.store.find("imports", {"by": actor.account_id}, sort=latest, limit=SHOWN, fields=few)

    async def look(self, doc: Mapping[str, Any]) -> Looked:
        """What a waiting file would become now."""
        return await self._importer.look(file_in(doc))

    async def confirm(self, command_id: str, actor: Actor, import_id: str, *, seen: str) -> Doc:
        """Take a waiting file in, as it was looked at."""
        await self.one(actor, import_id)

        async def work(unit: Unit) -> Doc:
            waiting = await _still_waiting(unit, import_id)
            took = await self._importer.take(
                unit, file_in(waiting), import_id=import_id, by=actor.account_id, seen=seen
            )
            unit.put("imports", _without_file(waiting) | _done(took))
            return {"id": import_id, "counts": took.counts}

        own_id, now = scoped(command_id, actor), self._service.clock.now()
        return await self._service.store.command(own_id, now, work, act=Act(actor, "file-imported", import_id))

    async def drop(self, command_id: str, actor: Actor, import_id: str) -> None:
        """Forget a waiting file's content."""
        await self.one(actor, import_id)

        async def work(unit: Unit) -> Doc:
            waiting = await _still_waiting(unit, import_id)
            unit.put("imports", _without_file(waiting) | {"status": DROPPED})
            return {"id": import_id}

        own_id, now = scoped(command_id, actor), self._service.clock.now()
        await self._service.store.command(own_id, now, work, act=Act(actor, "file-dropped", import_id))

    async def at_once(self, command_id: str, actor: Actor, file: File) -> Doc:
        """Take a file in without a look before: what a program does."""
        import_id = scoped(command_id, actor)

        async def work(unit: Unit) -> Doc:
            took = await self._importer.take(unit, file, import_id=import_id, by=actor.account_id, seen=None)
            doc = _doc(import_id, actor, file) | _done(took)
            unit.put("imports", doc)
            return shown(doc)

        act = Act(actor, "file-imported", import_id)
        return await self._service.store.command(import_id, self._service.clock.now(), work, act=act)


def file_in(doc: Mapping[str, Any]) -> File:
    """The file of a waiting import."""
    return File(doc["body"], doc["file"], Given(parse_time(doc["at"]), doc["held"], doc["unit"]))


def shown(doc: Mapping[str, Any]) -> Doc:
    """An import as it is answered."""
    names = ("file", "kind", "digest", "status", "at", "counts", "rows", "left_out")
    return {"id": doc["_id"], **{name: doc[name] for name in names if name in doc}}


def _doc(import_id: str, actor: Actor, file: File) -> Doc:
    who = {"by": actor.account_id, "by_name": actor.name}
    given = {"held": file.given.held, "unit": file.given.unit, "at": format_time(file.given.at)}
    return {"_id": import_id, **who, **given, "file": file.name, "kind": kind_of(file.raw), "digest": file.digest}


def _done(took: Looked) -> Doc:
    left_out = [{"place": one.place, "title": one.title, "why": one.why} for one in took.left_out]
    return {
        "status": DONE,
        "counts": took.counts,
        "rows": [line.to_doc() for line in took.lines],
        "left_out": left_out,
    }


def _without_file(doc: Mapping[str, Any]) -> Doc:
    """What stays of an import when its file does not wait any more."""
    return {name: value for name, value in doc.items() if name not in ("body", "drop_at")}


async def _still_waiting(unit: Unit, import_id: str) -> Doc:
    doc = await unit.get("imports", import_id)
    if doc is None:
        raise ImportRefused(ImportFault("", "import-unknown"))
    if doc["status"] != WAITING:
        raise ImportRefused(ImportFault("", "import-closed"))
    return doc
