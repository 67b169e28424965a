"""Some school years of monitoring's documents, made by the rules themselves and stored at once; never a demo's data.

Facts are judged as the engine judges them; only the way into the database is shorter.
"""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from pymongo import InsertOne

from contracts.envelope import event_key
from contracts.reference import Reference as CodeLists
from services.chassis.app import Service
from services.monitoring import decisions
from services.monitoring.algebra.calendars import CalendarVersion, from_doc
from services.monitoring.algebra.facts import Fact, Publication, Report
from services.monitoring.algebra.instants import Stamp, to_stamp
from services.monitoring.algebra.plans import Reference

SOURCE, CHUNK = "/bench", 500
YEARS = 5
_SUBJECTS = ("Hội thảo", "Tọa đàm", "Lễ ký kết", "Cuộc thi", "Ngày hội", "Chung kết", "Tập huấn", "Giao lưu")
_MATTERS = (
    *("năng lượng tái tạo", "trí tuệ nhân tạo", "kỹ năng phỏng vấn", "robot sinh viên", "hiến máu", "văn nghệ"),
    *("khởi nghiệp", "bán dẫn", "đường sắt đô thị", "tuyển sinh", "kiểm định chất lượng", "thư viện số"),
)
_PLACES = ("khoa Cơ khí", "khoa Điện", "cơ sở 2", "hội trường lớn", "nhà thi đấu", "phòng họp B")


async def fill(service: Service, events: int) -> int:
    """Fill a fresh database with so many events; return how many obligations they have."""
    head = await service.store.get("reference", "head")
    documents = years(service, await _reference(service), events, count=head["count"] if head else 0)
    rows: dict[str, list[InsertOne[dict[str, Any]]]] = {"events": [], "obligations": []}
    total = 0
    for number, made in enumerate(documents, 1):
        rows["events"].append(InsertOne(made["event"] | {"schema_version": 1, "v": 1}))
        rows["obligations"] += [InsertOne(one | {"schema_version": 1, "v": 1}) for one in made["obligations"]]
        total += len(made["obligations"])
        if number % CHUNK == 0 or number == events:
            for name, writes in rows.items():
                await service.store.raw(name).bulk_write(writes, ordered=False)
                writes.clear()
    return total


async def _reference(service: Service) -> Reference:
    """What is shipped, with a calendar that reaches over all the years that are made up here."""
    docs = await service.store.find("reference", {"kind": "version"})
    versions = [from_doc(doc["fact"]) for doc in docs]
    always = {"covers": (date(2000, 1, 1), date(2099, 12, 31))}
    return Reference(
        versions=[
            replace(one, content=one.content.model_copy(update=always)) if isinstance(one, CalendarVersion) else one
            for one in versions
        ]
    )


def years(
    service: Service, reference: Reference, events: int, *, count: int, seed: int = 1
) -> Iterator[dict[str, Any]]:
    """The documents of each event with its obligations, spread over YEARS years until a week from now.

    Shape:   {"event": doc, "obligations": [docs]}; count is how many facts of reference data there are.
    """
    dice, now = random.Random(seed), service.clock.now()
    codes: CodeLists = service.settings.reference()  # type: ignore[attr-defined]
    units = [unit.code for unit in codes.units]
    areas = [area.code for area in codes.topic_areas]
    sight = decisions.Sight(count, reference, to_stamp(now), to_stamp(now))
    for number in range(events):
        ended = now + timedelta(days=7) - timedelta(days=365 * YEARS * number / events, hours=dice.randrange(10))
        facts = _facts(number, ended, now, (dice, dice.choice(units), dice.choice(areas)))
        doc = decisions.learn(decisions.new_event(facts[0].event), facts)  # type: ignore[arg-type]
        assert doc is not None
        judged = decisions.judge({doc["_id"]: doc}, (), sight)
        yield {"event": judged.events[0], "obligations": judged.obligations}


def _facts(number: int, ended: datetime, now: datetime, drawn: tuple[random.Random, str, str]) -> list[Fact]:
    dice, unit, area = drawn
    event_id, told = f"SK-{number:06d}", min(now, ended + timedelta(hours=2))
    key, recorded = event_key(SOURCE, event_id), to_stamp(told)
    title = f"{dice.choice(_SUBJECTS)} {dice.choice(_MATTERS)} {dice.choice(_PLACES)} lần {number % 97}"
    common: dict[str, Any] = {"source": SOURCE, "recorded": recorded, "time": recorded, "event": key}
    report = Report(
        **common,
        id=f"m-{number}",
        kind="held" if ended <= now else "scheduled",
        origin_source=SOURCE,
        origin_id=f"m-{number}",
        authenticated=True,
        event_id=event_id,
        title=title,
        unit=unit,
        topic_area=area,
        started_at=to_stamp(ended - timedelta(hours=3)),
        ended_at=to_stamp(ended),
    )
    facts: list[Fact] = [report]
    for channel in ("VI_WEB", "E_BOARD"):
        days = dice.choices((1.0, 2.5, 5.0, None), (60, 30, 8, 2 if now - ended > timedelta(days=30) else 10))[0]
        if days is not None and ended + timedelta(days=days) <= now:
            facts.append(_shown(key, channel, f"c-{number}-{channel}", to_stamp(ended + timedelta(days=days))))
    return facts


def _shown(key: str, channel: str, content_id: str, at: Stamp) -> Publication:
    return Publication(
        source="/publicity/publishing",
        id=content_id,
        kind="published",
        recorded=at,
        time=at,
        event=key,
        content_id=content_id,
        revision=1,
        channel=channel,
        at=at,
        title="Tin",
        url="https://example.edu/tin",
    )
