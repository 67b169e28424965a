"""Walks a school year through the five rooms by the step clock, and says what it is doing."""

import os
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from contracts.envelope import event_key
from contracts.times import format_time
from deploy.demo import plan, words
from deploy.demo.rooms import Rooms
from deploy.demo.story import CUT_OFF, LOCAL, SCHOOL_YEAR, Act, parse_local

DESK_SOURCE = "/publicity/desk"
PEOPLE = {
    "truong-phong": ("Trưởng phòng PTT", ["office_head"], "PTT"),
    "soan-thao": ("Chuyên viên kế hoạch", ["editor"], "PTT"),
    "bien-tap": ("Biên tập viên", ["editor"], "PTT"),
    "ban-giam-hieu": ("Ban Giám hiệu", ["rectorate"], "BGH"),
    "van-hanh": ("Người vận hành", ["operator"], "PTT"),
    "ctv-1": ("Cộng tác viên 1", ["contributor"], "K_CNTT"),
    "ctv-2": ("Cộng tác viên 2", ["contributor"], "DOAN_HOI"),
}
BEGIN = parse_local("2025-08-25T08:00")
SETTLE_EVERY = timedelta(days=5)


class Walk:
    """The year's walk; every call carries a key made of the seed, so that a repeat changes nothing."""

    def __init__(self, rooms: Rooms, clock: Path, *, seed: int, password: str) -> None:
        self._rooms, self._clock, self._seed, self._password = rooms, clock, seed, password
        self._tokens: dict[str, str] = {}
        self._contents: dict[str, str] = {}
        self._settled_at = BEGIN
        self._counts: Counter[str] = Counter()
        self._acts: dict[str, Callable[[Act], None]] = {
            "scheduled": self._event,
            "held": self._event,
            "cancelled": self._event,
            "classified": self._classified,
            "submitted": self._submitted,
            "published": self._published,
            "corrected": self._corrected,
            "withdrawn": self._withdrawn,
            "waived": self._waived,
        }

    def step(self, now: datetime) -> None:
        """Set the domain time of all rooms."""
        new = self._clock.with_suffix(".new")
        new.write_text(format_time(now) + "\n")
        os.replace(new, self._clock)

    def _key(self, text: str) -> str:
        return f"demo-{self._seed}-{text}"

    def _call(self, who: str, method: str, place: str, *, given: Any = None, key: str = "") -> Any:
        return self._rooms.call(who, method, place, given=given, key=self._key(key) if key else "")

    def open_accounts(self, admin_password: str) -> None:
        """The administrator makes the people's accounts and the source systems' tokens."""
        self._rooms.sign_in("admin", admin_password)
        for name, (display_name, roles, unit) in PEOPLE.items():
            account = {"name": name, "display_name": display_name, "roles": roles, "unit": unit}
            given = account | {"password": self._password}
            self._call("admin", "POST", "approval/api/accounts", given=given, key=f"account-{name}")
            self._rooms.sign_in(name, self._password)
        for source in (words.SIS, words.RESEARCH, words.YOUTH):
            given = {"source": source, "scopes": ["events:write", "read"]}
            self._tokens[source] = self._call("admin", "POST", "monitoring/api/tokens", given=given)["token"]

    def agree_on_the_plan(self) -> str:
        """Draft, submit, be returned once, submit again, be approved by the office and the Rectorate."""
        contributors = ("ctv-1", "ctv-2")
        given = {"school_year": SCHOOL_YEAR, "content": plan.content(contributors, complete=False)}
        drafted = self._call("soan-thao", "POST", "planning/api/plans", given=given, key="plan")
        plan_id = drafted["plan_id"]
        self._submit(plan_id, 1)
        self._decide("truong-phong", plan_id, verdict="RETURNED", day=2)
        self._later(3)
        given = {"content": plan.content(contributors, complete=True), "base_hash": drafted["content_hash"]}
        self._call("soan-thao", "PUT", f"planning/api/plans/{plan_id}", given=given, key="plan-2")
        self._submit(plan_id, 2)
        self._decide("truong-phong", plan_id, verdict="APPROVED", day=4)
        self._decide("ban-giam-hieu", plan_id, verdict="APPROVED", day=5)
        return str(plan_id)

    def _later(self, days: int) -> None:
        self._rooms.settle()
        self.step(BEGIN + timedelta(days=days))

    def _submit(self, plan_id: str, n: int) -> None:
        self._call("soan-thao", "POST", f"planning/api/plans/{plan_id}/submission", key=f"submit-{n}")
        self._rooms.settle()

    def _decide(self, who: str, plan_id: str, *, verdict: str, day: int) -> None:
        self._later(day)
        review = self._call(who, "GET", f"approval/api/reviews/{plan_id}")
        note = words.RETURN_NOTE if verdict == "RETURNED" else "Đồng ý."
        given = {"verdict": verdict, "content_hash": review["content_hash"], "note": note}
        place = f"approval/api/reviews/{plan_id}/decisions"
        self._call(who, "POST", place, given=given, key=f"decision-{day}")
        self._rooms.settle()

    def live(self, acts: list[Act], say: Callable[[str], None]) -> None:
        """Do the acts in their order; wait for all rooms every few days, and say how each month went."""
        month, began = "", time.monotonic()
        for act in acts:
            this = (act.at + LOCAL).strftime("%m/%Y")
            if month and this != month:
                self._say_month(month, say, began)
            month = this
            self.step(act.at)
            self._acts[act.name](act)
            self._counts[act.name] += 1
            if act.at - self._settled_at > SETTLE_EVERY:
                self._rooms.settle()
                self._settled_at = act.at
        self._say_month(month, say, began)

    def _say_month(self, month: str, say: Callable[[str], None], began: float) -> None:
        counts = self._counts
        events = counts["held"] + counts["scheduled"] + counts["cancelled"]
        say(
            f"  {month}: {events} lượt báo sự kiện, {counts['submitted']} bài gửi, {counts['published']} lượt đăng, "
            f"{counts['waived']} miễn ({time.monotonic() - began:.0f} giây)"
        )
        counts.clear()

    def _event(self, act: Act) -> None:
        source, report = act.given["source"], act.given["report"]
        if source == words.DESK:
            given = {"kind": act.name, **report}
            self._call("van-hanh", "POST", "monitoring/api/desk/events", given=given, key=act.key)
            return
        about = (source, self._key(act.key))
        self._rooms.post_event(self._tokens[source], act.name, about=about, data=report)

    @staticmethod
    def _event_of(given: dict[str, Any]) -> str:
        if "milestone" in given:
            return event_key("/publicity/planning", given["milestone"])
        source = DESK_SOURCE if given["source"] == words.DESK else given["source"]
        return event_key(source, given["event_id"])

    def _classified(self, act: Act) -> None:
        self._rooms.settle()
        given = {"tier": act.given["tier"], "reason": "Hoạt động lớn theo kế hoạch của Phòng."}
        place = f"monitoring/api/events/{self._event_of(act.given)}/classification"
        self._call("van-hanh", "POST", place, given=given, key=act.key)

    def _submitted(self, act: Act) -> None:
        who = "ctv-1" if len(act.key) % 2 else "ctv-2"
        item = act.given.get("item")
        about = {"plan_item_id": item} if item else {"event": self._event_of(act.given)}
        given = about | {"title": act.given["title"], "text": words.NEWS_TEXT}
        made = self._call(who, "POST", "publishing/api/contents", given=given, key=act.key)
        self._contents[self._content_key(act.given)] = made["content_id"]

    @staticmethod
    def _content_key(given: dict[str, Any]) -> str:
        return f"{given['key']}/{given.get('part', '')}"

    def _place(self, act: Act, what: str) -> str:
        return f"publishing/api/contents/{self._contents[self._content_key(act.given)]}/{what}"

    def _published(self, act: Act) -> None:
        channel = act.given["channel"]
        given: dict[str, Any] = {"channel": channel}
        if channel != "VI_WEB":
            address = f"https://example.edu.vn/{channel.lower()}/{act.given['key'].lower()}"
            given |= {"published_at": act.at, "recorded": True, "url": address}
        self._call("bien-tap", "POST", self._place(act, "publications"), given=given, key=act.key)

    def _corrected(self, act: Act) -> None:
        given = {"channel": act.given["channel"], "title": act.given["title"] + " (đính chính)"}
        self._call("bien-tap", "POST", self._place(act, "corrections"), given=given, key=act.key)

    def _withdrawn(self, act: Act) -> None:
        given = {"channel": act.given["channel"], "reason": "CORRECTION"}
        self._call("bien-tap", "POST", self._place(act, "withdrawals"), given=given, key=act.key)

    def _waived(self, act: Act) -> None:
        self._rooms.settle()
        event = self._event_of(act.given)
        found = self._call("van-hanh", "GET", f"monitoring/api/obligations?event={event}")
        for item in found["items"]:
            if item["requirement"] == act.given["requirement"]:
                place = f"monitoring/api/obligations/{item['obligation_id']}/waiver"
                self._call("truong-phong", "POST", place, given={"reason": words.WAIVER_REASON}, key=act.key)

    def close_the_year(self) -> dict[str, Any]:
        """Wait for all, then the head issues the report; returns the issued report's digest and address."""
        self._rooms.settle()
        self.step(CUT_OFF)
        self._rooms.settle()
        place = f"reporting/api/reports/{SCHOOL_YEAR}/issue"
        issued: dict[str, Any] = self._call("truong-phong", "POST", place, given={}, key="report")
        self._rooms.settle()
        self.step(CUT_OFF + timedelta(hours=1))  # what is told from now on was not known when the report was issued
        self._rooms.settle()
        return issued

    def compliance(self) -> dict[str, Any]:
        """The year's figures as monitoring reads them."""
        place = f"monitoring/api/compliance?school_year={SCHOOL_YEAR}"
        found: dict[str, Any] = self._call("truong-phong", "GET", place)
        return found
