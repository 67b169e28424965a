"""A small school year that the tests of pages and API read."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from contracts.envelope import event_key
from tests.monitoring.engine import builders as say
from tests.monitoring.reading.house import House

SCHOOL = timezone(timedelta(hours=7))


def at(day: int, hour: int = 9, minute: int = 0, *, month: int = 11) -> datetime:
    """A local time of the year 2026."""
    return datetime(2026, month, day, hour, minute, tzinfo=SCHOOL).astimezone(UTC)


def key(event_id: str) -> str:
    """The key of a source system's event."""
    return event_key(say.SOURCE, event_id)


def milestone(item_id: str) -> str:
    """The key of a focal item's milestone."""
    return event_key("/publicity/planning", item_id)


def event(day: int, **changed: Any) -> dict[str, Any]:
    """An event of two hours on a day of November."""
    return {"started_at": at(day, 14), "ended_at": at(day, 16), "topic_area": "DAO_TAO"} | changed


async def live(house: House) -> None:
    """Live through November: on time, late, missed, waived, open, cancelled, merged, unconfirmed, undated, a milestone.

    MISS is missed (E_BOARD) and late (WEBSITE); SOON ended on Friday and is due tonight; GOOD is on time.
    """
    focal = say.focal("le-20-11", at(20, 7, 30), title="Lễ kỷ niệm", lead_unit="PTT")
    await house.hear(say.approved("ke-hoach", 1, [focal], at=at(3, month=9)))
    await house.hear(
        say.held("MISS", at=at(10, 18), title="Tọa đàm hòa bình", **event(10)),
        say.submitted(key("MISS"), at(11)),
        say.published(key("MISS"), "VI_WEB", at(14), content_id="late"),
        say.held("GOOD", at=at(11, 18), title="Hội thảo <Năng lượng>", unit="QHQT", **event(11, topic_area="HOP_TAC")),
        say.published(key("GOOD"), "VI_WEB", at(12), content_id="good"),
        say.published(key("GOOD"), "E_BOARD", at(12), content_id="good"),
        say.held("SOON", at=at(20, 18), title="Chung kết Robot", **event(20)),
        say.scheduled("WAIT", at=at(5), title="Ngày hội việc làm", **event(18)),
        say.scheduled("ASKS", at=at(5), title="Lễ tốt nghiệp", tier="FOCAL", **event(28)),
        say.held("ODD", at=at(22), title="Ra mắt câu lạc bộ", **event(21), origin=_stranger()),
        say.cancelled("GONE", at=at(12), reason="Trùng lịch"),
        say.held("VOID", at=at(12), title="Chung kết hùng biện", **event(12)),
        say.cancelled("VOID", at=at(13), revision=2, reason="Hoãn"),
        say.held("TWIN", at=at(12), title="Giao lưu", **event(12)),
        say.held("SAME", at=at(12), title="Giao lưu văn nghệ", **event(12)),
        say.merged(key("SAME"), key("TWIN"), at=at(12, 10)),
        say.held("LINK", at=at(20, 12), plan_item_id="le-20-11", title="Lễ 20/11", **event(20)),
        say.held("LAST", at=at(22), title="Cuối năm", started_at=at(31, month=12), ended_at=at(31, 10, month=12)),
    )
    await house.announce_misses(key("MISS"), key("TWIN"))


def _stranger() -> dict[str, Any]:
    return {"source": say.SOURCE, "id": "m-odd", "authenticated": False}
