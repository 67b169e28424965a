"""A system with something in every room, made through the public doors alone: one short year closed, the next begun."""

import copy
import json
import uuid
from collections.abc import Iterator
from dataclasses import astuple, dataclass, is_dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx2

from deploy.demo import plan, words
from deploy.demo.rooms import Rooms
from deploy.demo.story import tell
from deploy.demo.walk import PEOPLE, Walk
from services.monitoring.imports.web_imports import XLSX
from tests.live.system import ADMIN_PASSWORD, PASSWORD, System
from tests.monitoring.imports.files import EVENT, workbook

TODAY = datetime.fromisoformat("2026-09-10T09:00:00+07:00")
LAST_YEAR, THIS_YEAR = "2025-2026", "2026-2027"
EVENTS = 12  # of last year, among them the six focal ones
HEAD, DRAFTER, EDITOR, OPERATOR, CONTRIBUTOR = "truong-phong", "soan-thao", "bien-tap", "van-hanh", "ctv-1"
# Title, unit, beginning, end; what is owed of them is due 03/09, 10/09, 12/09 and after they were held.
REPORTS = {
    "missed": ("held", "Gặp mặt cựu sinh viên", "PTT", "31/08/2026 08:00", "31/08/2026 11:00"),
    "due": ("held", "Khai mạc tuần sinh hoạt công dân", "CTSV", "07/09/2026 08:00", "07/09/2026 11:00"),
    "open": ("held", "Hội thảo vật liệu bền vững", "KHCN", "09/09/2026 08:00", "09/09/2026 17:00"),
    "planned": ("scheduled", "Ngày hội việc làm Kỹ thuật", "QHDN", "15/09/2026 08:00", "15/09/2026 17:00"),
}
TEXT = "Sáng nay, nhà trường tổ chức hoạt động.\n\nĐông đủ thầy cô và người học dự."
TITLES = ("Hội nghị khoa học", "Hội nghị khoa học sinh viên")
PLAN_TITLE = "Kế hoạch năm học 2026–2027 ({name})"
RETURN_NOTE, WAIVER_REASON = "Bổ sung kênh báo chí.", "Bảng điện tử đang bảo trì."
OWN = (
    "(dự thảo)",
    "đồng",
    TEXT,
    TITLES,
    RETURN_NOTE,
    WAIVER_REASON,
    "Kế hoạch năm học 2026–2027",
    "Đồng ý.",
    "Quản trị viên",
)


@dataclass(frozen=True)
class Filled:
    """The names of what stands in the rooms, for the addresses of their pages."""

    events: dict[str, str]
    contents: dict[str, str]
    plans: dict[str, str]
    quarantined: str
    account: str
    imports: dict[str, str]


def fill(system: System) -> Filled:
    """Live last year to its issued report, then begin this one, and stop on TODAY."""
    year = Walk(system.rooms, system.clock, seed=7, password=PASSWORD)
    year.open_accounts(ADMIN_PASSWORD)
    agreed = year.agree_on_the_plan()
    year.live(tell(7, events=EVENTS), lambda _: None)
    year.close_the_year()
    system.step(TODAY)
    call = Caller(system.rooms)
    events = {name: _report(call, *report) for name, report in REPORTS.items()}
    quarantined = _quarantined(system)
    system.rooms.settle()
    contents = _contents(call, events)
    plans = {"agreed": agreed, **{name: _plan(call, name) for name in ("draft", "returned", "waiting")}}
    _waive(call, events["due"])
    system.rooms.settle()
    account = call("admin", "GET", "approval/api/accounts")["items"][0]["account_id"]
    return Filled(events, contents, plans, quarantined, account, _imports(system))


class Caller:
    """Calls of the rooms, each with a key of its own."""

    def __init__(self, rooms: Rooms) -> None:
        self.rooms = rooms

    def __call__(self, who: str, method: str, place: str, given: Any = None) -> Any:
        return self.rooms.call(who, method, place, given=given, key=str(uuid.uuid4()))


def _report(call: Caller, kind: str, title: str, unit: str, *span: str) -> str:
    given = {"kind": kind, "title": title, "unit": unit, "started_at": span[0], "ended_at": span[1]}
    return str(call(OPERATOR, "POST", "monitoring/api/desk/events", given)["event_key"])


def _quarantined(system: System) -> str:
    """The same message id with other words is put aside."""
    token = system.token("/sis")
    data = {"event_id": "SK-Q", "unit": "K_CK", "started_at": TODAY, "ended_at": TODAY}
    for title in TITLES:
        system.rooms.post_event(token, "held", about=("/sis", "q-1"), data=data | {"title": title})
    found = system.rooms.call("admin", "GET", "monitoring/api/quarantine")
    return str(found["items"][0]["id"])


def _imports(system: System) -> dict[str, str]:
    """Two workbooks that wait to be confirmed: one that is right, and one with a cell that is not."""
    urls, made = system.rooms.urls, {}
    origin = {"Origin": urls["approval"]}
    with httpx2.Client(timeout=20) as client:
        given = {"name": OPERATOR, "password": PASSWORD}
        client.post(f"{urls['approval']}/api/sessions", json=given, headers=origin).raise_for_status()
        for name, row in (("right", EVENT), ("wrong", (*EVENT[:-1], "sau bữa trưa"))):
            file = {"file": (f"{name}.xlsx", workbook(row), XLSX)}
            answer = client.post(f"{urls['monitoring']}/import", files=file, headers={"Origin": urls["monitoring"]})
            assert answer.status_code == 303, answer.text
            made[name] = answer.headers["Location"].rpartition("/")[2]
    return made


def _contents(call: Caller, events: dict[str, str]) -> dict[str, str]:
    made = {}
    for name, about in (("waiting", "open"), ("shown", "due")):
        given = {"event": events[about], "title": REPORTS[about][1], "text": TEXT}
        made[name] = str(call(CONTRIBUTOR, "POST", "publishing/api/contents", given)["content_id"])
    call(EDITOR, "POST", f"publishing/api/contents/{made['shown']}/publications", {"channel": "VI_WEB"})
    return made


def _plan(call: Caller, name: str) -> str:
    """A plan of this year: drafted, or also submitted, or also returned."""
    content = copy.deepcopy(plan.content((CONTRIBUTOR, "ctv-2"), complete=True))
    for item in (item for one in content["channel_plans"] for item in one["items"]):
        item["item_id"] = f"{name}-{item['item_id']}"
        if item.get("milestone"):
            item["milestone"] = {"starts_at": "2026-11-20T00:30:00Z", "ends_at": "2026-11-20T04:00:00Z"}
    if name == "draft":
        content["bases"], content["contributor_groups"] = content["bases"][:1], []
    given = {"school_year": THIS_YEAR, "content": content | {"title": PLAN_TITLE.format(name=name)}}
    plan_id = str(call(DRAFTER, "POST", "planning/api/plans", given)["plan_id"])
    if name == "draft":
        return plan_id
    sent = call(DRAFTER, "POST", f"planning/api/plans/{plan_id}/submission")
    call.rooms.settle()
    if name == "returned":
        given = {"verdict": "RETURNED", "content_hash": sent["content_hash"], "note": RETURN_NOTE}
        call(HEAD, "POST", f"approval/api/reviews/{plan_id}/decisions", given)
    return plan_id


def _waive(call: Caller, event: str) -> None:
    owed = call(OPERATOR, "GET", f"monitoring/api/obligations?event={event}")["items"]
    board = next(one for one in owed if one["requirement"] == "E_BOARD")
    place = f"monitoring/api/obligations/{board['obligation_id']}/waiver"
    call(HEAD, "POST", place, {"reason": WAIVER_REASON})


# Names stand in their own spelling on every page.
PEOPLES = (*(name for name, _, _ in PEOPLE.values()), "Quản trị viên")
CALENDAR = Path(__file__).parents[2] / "services" / "monitoring" / "data" / "calendar-vn-2026.1.json"
# names of their own, which stand in any language: people's and holidays'
NAMES = (
    *PEOPLES,
    *sorted({day["name"] for day in json.loads(CALENDAR.read_text())["days_off"]}, key=len, reverse=True),
)


def own_words() -> tuple[str, ...]:
    """What people and systems wrote in this story, longest first: it is theirs, in whatever language the page is."""
    found = {title for _, title, *_ in REPORTS.values()} | {name for name, _, _ in PEOPLE.values()}
    for part in (plan.content((), complete=True), plan.content((), complete=False), vars(words), OWN):
        found |= set(_texts(part))
    found |= {text.format(n=n, place="") for text in set(found) if "{n}" in text for n in range(1, 10)}
    return tuple(sorted((text for text in found if text.strip()), key=len, reverse=True))


def _texts(part: Any) -> Iterator[str]:
    if isinstance(part, str):
        yield from part.split("\n\n")
    elif isinstance(part, dict):
        for name, value in part.items():
            yield from _texts(value) if not str(name).startswith("__") else ()
    elif isinstance(part, (list, tuple)):
        for value in part:
            yield from _texts(value)
    elif is_dataclass(part) and not isinstance(part, type):
        yield from _texts(astuple(part))
