"""Random histories of events, seeded, that crowd around the boundaries: midnight, due dates, rest days, 24 hours."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from contracts.envelope import Message
from tests.monitoring.algebra import builders as b

TICK = timedelta(microseconds=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
# the days around which events end: ordinary, before a weekend, Tết, a make-up Saturday, National Day, the year's end
ENDS = ("2026-11-20", "2026-11-21", "2026-02-12", "2026-08-19", "2026-08-28", "2026-12-29", "2026-12-31", "2026-10-07")
CHANNELS = ("VI_WEB", "VI_WEB", "E_BOARD", "PRESS", "SOCIAL", "EN_WEB")
TIERS = ("ROUTINE", "MAJOR", "FOCAL", "FOCAL")
ITEMS = ("f1", "f2", "r1", "r2", "unknown")
ASKED = (
    b.asks("EN_WEB"),
    b.asks("WEBSITE", "PRE", "POST"),
    b.asks("MASS_MEDIA", "PRE"),
    b.asks("MASS_MEDIA", "POST", channels=["SOCIAL"]),
    b.asks("BANNER"),
    b.asks("E_BOARD", channels=["E_BOARD", "VI_WEB"]),
)


class History:
    """One random history: its messages, and the instant at which it is judged.

    Shape:   with a tag its events, plans and contents are its own, so that many may share one log; the versions of
             calendar and policy, and what people do in monitoring, are then the log's and not in it.
    """

    def __init__(self, seed: int, tag: str = "") -> None:
        self.dice = Random(seed)
        self.tag = tag
        self.messages: list[Message] = []
        self.keys: list[str] = []
        self.used: list[datetime] = []
        self.day = datetime.fromisoformat(self.dice.choice(ENDS)).replace(tzinfo=b.SCHOOL)
        self._plans()
        if not tag:
            self._versions()
        self._events()
        for tell, at_most in (
            (self._classify, 3),
            (self._merge, 3),
            (self._publish, 7),
            (self._act, 0 if tag else 4),
            (self._towards_cause, 3),
        ):
            for _ in range(self.dice.randint(0, at_most)):
                tell()
        self.now = self.dice.choice([self.instant(), self.instant() + 300 * DAY])
        self.dice.shuffle(self.messages)

    def instant(self, spread: int = 6) -> datetime:
        """An instant near the event, mostly on or beside a boundary, often one that was taken before."""
        dice = self.dice
        if self.used and dice.random() < 0.25:
            return dice.choice(self.used) + dice.choice([0, 0, 0, -1]) * DAY
        day = self.day + dice.randint(-spread, spread) * DAY
        at = day + dice.choice([0, 0, 8, 8, 16, 16, dice.randint(0, 23)]) * HOUR
        self.used.append(at + dice.choice([0, 0, 0, 1, -1]) * TICK)
        return self.used[-1]

    def span(self) -> tuple[datetime, datetime]:
        """When an event is held."""
        dice = self.dice
        start = self.day + dice.choice([0, 0, 0, 0, 1, -1, 7]) * DAY + dice.choice([0, 8, 8, 16]) * HOUR
        end = start + dice.choice([0 * HOUR, 8 * HOUR, 8 * HOUR, 24 * HOUR, 24 * HOUR - TICK])
        self.used += [start, end, end.replace(hour=0, minute=0, second=0, microsecond=0) + 4 * DAY]
        return start, end

    def maybe(self, chance: float, **given: Any) -> dict[str, Any]:
        """The given fields, or none of them."""
        return given if self.dice.random() < chance else {}

    def _plans(self) -> None:
        dice = self.dice
        for plan, items_of_plan in (("plan-1", ("f1", "r1")), ("plan-2", ("f2", "r2"))):
            plan_id, item_ids = self.tag + plan, [self.tag + item_id for item_id in items_of_plan]
            for revision in range(1, dice.choice([1, 1, 2, 3, 4])):
                items = [self._item(item_id) for item_id in item_ids if dice.random() < 0.8]
                when = self.day + dice.choice([-200, -30, -9, -1, 0, 1, 3]) * DAY + dice.choice([0, 8, 16]) * HOUR
                recorded = when + dice.choice([0, 0, 1, 200]) * HOUR
                self.messages.append(b.approved(revision, when, *items, plan_id=plan_id, recorded=recorded))

    def _item(self, item_id: str) -> dict[str, Any]:
        dice = self.dice
        given: dict[str, Any] = {"topic_area": dice.choice(["DAO_TAO", "KHCN"])}
        given |= self.maybe(0.3, lead_unit="P_DT")
        if item_id.removeprefix(self.tag).startswith("f") and dice.random() < 0.9:
            given["starts_at"], given["ends_at"] = self.span()
        given |= self.maybe(0.3, tier=dice.choice(TIERS)) | self.maybe(0.1, kind=dice.choice(["ROUTINE", "FOCAL"]))
        return b.item(item_id, *dice.sample(ASKED, dice.choice([0, 0, 0, 1, 2])), **given)

    def _versions(self) -> None:
        dice = self.dice
        given = [*b.SHIPPED]
        for version in range(dice.choice([0, 0, 1, 2])):
            days_off = dice.sample([(self.day + n * DAY).date().isoformat() for n in range(8)], 2)
            issued = dice.choice([self.instant(8), self.instant(8), self.day + 90 * DAY])
            covers = dice.choice(
                [("2026-01-01", "2027-12-31"), ("2027-01-01", "2027-12-31"), ("2026-11-22", "2026-11-30")]
            )
            given.append(b.calendar(f"c{version}", issued, covers, days_off=days_off))
        for version in range(dice.choice([0, 0, 1, 2])):
            rule = {"days": dice.choice([0, 1, 3, 5]), "unit": dice.choice(["CALENDAR", "WORKING"])}
            codes = dice.choice([(), ("WEBSITE",), ("EN_WEB", "E_BOARD")])
            given.append(
                b.policy(f"p{version}", self.instant(8), *codes, **rule, roll=dice.choice(["NONE", "NEXT_WORKING"]))
            )
        if dice.random() < 0.1:
            given.remove(dice.choice(b.SHIPPED))
        self.messages += given

    def _events(self) -> None:
        dice = self.dice
        voices = [(b.SIS, "e1", True), (b.SIS, "e2", True), (b.CLUBS, "e3", True), (b.STRANGER, "e4", False)]
        for source, short_id, known in dice.sample(voices, dice.choice([1, 1, 2, 2, 3, 4])):
            event_id = self.tag + short_id
            self.keys.append(b.key(event_id, source))
            for _ in range(dice.choice([1, 2, 2, 3, 4])):
                self._report(event_id, source=source, known=known and dice.random() < 0.9)

    def _report(self, event_id: str, **sender: Any) -> None:
        dice = self.dice
        kind = dice.choice(["held", "held", "held", "scheduled", "scheduled", "cancelled"])
        given: dict[str, Any] = {"time": self.instant(), **sender, **self.maybe(0.7, revision=dice.randint(1, 3))}
        given["recorded"] = given["time"] + dice.choice([0 * HOUR, 0 * HOUR, HOUR, 3 * DAY])
        if kind != "cancelled":
            given["started_at"], given["ended_at"] = self.span()
            given |= self.maybe(0.5, plan_item_id=self.tag + dice.choice(ITEMS)) | self.maybe(0.2, topic_area="HOP_TAC")
            given |= self.maybe(0.2, tier=dice.choice(TIERS)) | {"title": f"Lễ {dice.randint(1, 3)}"}
        if kind == "scheduled":
            given["time"] -= dice.choice([0, 10, 10, 30]) * DAY
            given["recorded"] = given["time"]
        self.messages.append(b.report(kind, event_id, **given))

    def _any_key(self) -> str:
        return self.dice.choice(
            [*self.keys, *self.keys, *(b.milestone(self.tag + item) for item in ("f1", "f2")), self.tag + "nobody"]
        )

    def _classify(self) -> None:
        given = self.maybe(0.6, tier=self.dice.choice(TIERS)) | self.maybe(0.2, topic_area="SINH_VIEN")
        given |= self.maybe(0.4, plan_item_id=self.dice.choice([None, *(self.tag + item for item in ITEMS)]))
        when = self.instant() - self.dice.choice([0, 0, 15]) * DAY
        told = when + self.dice.choice([0, 0, 0, 1, 20]) * HOUR
        self.messages.append(b.classified(self._any_key(), when, time=told, **given))

    def _merge(self) -> None:
        into = self.dice.choice([None, self._any_key(), self._any_key()])
        self.messages.append(b.merged(self._any_key(), into, self.instant()))

    def _publish(self) -> None:
        dice = self.dice
        event, channel, when = self._any_key(), dice.choice(CHANNELS), self.instant()
        given: dict[str, Any] = {"content_id": self.tag + dice.choice(["c1", "c2"]), "revision": dice.randint(1, 3)}
        kind = dice.choice(["published", "published", "published", "corrected", "withdrawn"])
        if kind == "withdrawn":
            self.messages.append(b.withdrawn(event, channel, when, **given))
        else:
            time = when + dice.choice([0, 0, 40]) * HOUR
            self.messages.append(b.published(event, channel, when, name=kind, time=time, **given))

    def _act(self) -> None:
        dice = self.dice
        name = dice.choice(["obligation-waived", "obligation-waived", "obligation-waiver-revoked", "cause-set"])
        given = {"cause": dice.choice(["UNKNOWN", "CHANNEL_FAILURE"])} if name == "cause-set" else {}
        code, phase = dice.choice(["WEBSITE", "WEBSITE", "E_BOARD", "MASS_MEDIA"]), dice.choice(["PRE", "POST", "POST"])
        issued = self.instant()
        told = issued + dice.choice([0, 0, 0, 1, 20]) * HOUR
        self.messages.append(b.act(name, self._any_key(), code, issued, phase=phase, time=told, **given))

    def _towards_cause(self) -> None:
        tell = self.dice.choice([b.submitted, b.failed])
        given = {"channel": self.dice.choice(CHANNELS)}
        self.messages.append(tell(self._any_key(), recorded=self.instant(), **given))
