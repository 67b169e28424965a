"""What is noted of both sides tells what differs, and what changed since is compared as it is now."""

from pathlib import Path
from typing import Any

import pytest

from contracts.canonical import digest
from contracts.envelope import event_key, obligation_id
from services.monitoring.algebra.instants import to_stamp
from services.monitoring.reading.figures import evidence_line
from services.monitoring.rebuild.comparing.comparison import Comparison
from services.monitoring.rebuild.comparing.sides import Sides, compare, compare_some
from services.monitoring.rebuild.staging import MOVED, Staging
from tests.monitoring.engine.builders import NOW, SOURCE, held, published
from tests.monitoring.engine.conftest import Engine

AT = to_stamp(NOW)
KEYS = [event_key(SOURCE, f"E-{n}") for n in range(4)]
OWED = [obligation_id(key, "WEBSITE", "POST") for key in KEYS]


class Compared:
    """Both sides of a few events, the staged one a copy of the live one."""

    def __init__(self, engine: Engine, folder: Path, hands: int) -> None:
        staged, url = Staging(engine.service), engine.service.settings.mongo_url.get_secret_value()
        self.sides = Sides(engine.store, staged, url=url, folder=folder, hands=hands)

    async def change(self, what: dict[str, Any] | None, of: str, *stores: Any) -> None:
        """Change or delete one obligation in some of the stores, or in both."""
        for store in stores or (self.sides.live, self.sides.staged):
            owed = store.raw("obligations")
            await (owed.update_one({"_id": of}, {"$set": what}) if what else owed.delete_one({"_id": of}))

    async def note(self) -> None:
        """Note both sides."""
        await self.sides.note_live()
        await self.sides.note_staged(AT)

    async def digests(self, store: Any) -> dict[str, str]:
        """The digests of a store as it is now."""
        docs = await store.raw("obligations").find({}, sort=[("_id", 1)]).to_list(None)
        return {docs[0]["school_year"]: digest([evidence_line(doc, AT) for doc in docs])}

    async def compare(self) -> Comparison:
        """Compare all; both digests must be those of the documents as they are now."""
        found = await compare(self.sides, AT)
        assert found.live.digests == await self.digests(self.sides.live)
        assert found.staged.digests == await self.digests(self.sides.staged)
        return found


@pytest.fixture(params=[1, 3], ids=["one-thread", "processes"])
async def compared(engine: Engine, tmp_path: Path, request: pytest.FixtureRequest) -> Compared:
    """Both sides of four events."""
    await engine.deliver(*[held(f"E-{n}") for n in range(4)], published(KEYS[0], "VI_WEB", NOW))
    made = Compared(engine, tmp_path, request.param)
    for name in MOVED:
        docs = await engine.store.raw(name).find({}).to_list(None)
        await made.sides.staged.raw(name).insert_many(docs)
    return made


async def test_what_is_the_same_is_the_same_however_often_it_was_written(compared: Compared) -> None:
    await compared.change({"v": 99, "o": 7}, OWED[0], compared.sides.live)
    await compared.note()
    found = await compared.compare()
    assert (found.is_same, found.live.documents, found.staged.documents) == (True, 12, 12)


async def test_what_differs_is_named(compared: Compared) -> None:
    live, staged = compared.sides.live, compared.sides.staged
    await compared.change({"content_id": "other"}, OWED[0], live)
    await compared.change(None, OWED[1], live)
    await compared.change(None, OWED[2], staged)
    await compared.note()
    found = await compared.compare()
    assert (found.count, found.keys) == (3, set(KEYS[:3]))
    assert sorted(found.words) == sorted(
        [
            f"obligations/{OWED[0]}: content_id",
            f"obligations/{OWED[1]}: is missing in the documents",
            f"obligations/{OWED[2]}: is in the documents alone",
        ]
    )
    again = await compare_some(compared.sides, AT, keys=sorted(found.keys))
    assert (again.count, again.keys, sorted(again.words)) == (found.count, found.keys, sorted(found.words))


async def test_what_changed_since_it_was_noted_is_compared_as_it_is(compared: Compared) -> None:
    live = compared.sides.live
    await compared.change({"content_id": "older"}, OWED[0], live)
    await compared.change({"content_id": "older"}, OWED[1], live)
    await compared.sides.note_live()
    await compared.change({"content_id": "new"}, OWED[0])
    await compared.change(None, OWED[2])
    await compared.sides.note_staged(AT)
    await compared.change({"content_id": "new"}, OWED[1])
    found = await compared.compare()
    assert (found.is_same, found.live.documents, found.staged.documents) == (True, 11, 11)
