"""The obligation once more, naive and slow, sentence by sentence as the rules say it: what the algebra is held against.

It reads messages, not facts, and knows instants and local days, not texts. Where the rules leave room, the reading
taken is named beside the line.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from contracts.envelope import Message, event_key, obligation_id
from tests.monitoring.algebra.model_days import dates, end_day

PLANNING = "/publicity/planning"
DAY = timedelta(days=1)
POST_OF = {"ROUTINE": ["WEBSITE", "E_BOARD"], "MAJOR": ["WEBSITE", "E_BOARD", "MASS_MEDIA"]}
POST_OF["FOCAL"] = POST_OF["MAJOR"]
PRE_OF = {"ROUTINE": [], "MAJOR": [], "FOCAL": ["WEBSITE", "E_BOARD"]}
CHANNELS = {"WEBSITE": ("VI_WEB",), "MASS_MEDIA": ("PRESS", "BROADCAST", "SOCIAL")}
KINDS, ACROSS = ("scheduled", "held", "cancelled"), ("scheduled", "cancelled", "held")
PHYSICAL = ("BANNER", "PRINT", "NOTICE_BOARD")
Slot = tuple[str, str]
Doc = dict[str, Any]


@dataclass(frozen=True)
class Told:
    """A report of an event, by a sender or by an approved plan."""

    key: str
    kind: str
    revision: int
    time: datetime
    id: str
    known: bool
    by_plan: bool
    recorded: datetime
    data: Any

    @property
    def start(self) -> datetime:
        return self.data.started_at

    @property
    def end(self) -> datetime:
        return self.data.ended_at


def within(r: Told) -> Any:
    """Of one key: the greatest (revision, kind, time, id) rules."""
    return r.revision, KINDS.index(r.kind), r.time, r.id


def across(r: Told) -> Any:
    """Of several keys: unauthenticated outweighs none, held over cancelled, then (kind, time, id)."""
    return r.known, ACROSS.index(r.kind), r.time, r.id


def last(values: Iterable[Any], otherwise: Any = None) -> Any:
    """The last of them."""
    found = list(values)
    return found[-1] if found else otherwise


class Model:
    """All that a set of messages says about events."""

    def __init__(self, messages: Iterable[Message], now: datetime) -> None:
        self.now = now
        once: dict[tuple[str, str], Message] = {}
        for one in sorted(messages, key=lambda m: m.recordedtime or m.time, reverse=True):
            once[one.source, one.id] = one
        self.of: dict[str, list[Message]] = defaultdict(list)
        for one in once.values():
            self.of[one.name].append(one)
        self.plans: dict[str, list[Message]] = defaultdict(list)
        for one in sorted(self.of["plan-approved"], key=lambda m: (m.data.issued_at, m.data.revision, m.id)):
            self.plans[one.data.plan_id].append(one)
        self.reports = [self._told(m) for kind in ("scheduled", "held", "cancelled") for m in self.of[f"event-{kind}"]]
        self.milestones: dict[str, str] = {}
        for plan in self.plans.values():
            for item_id in {i for approval in plan for i in self.items(approval)}:
                self._milestone(item_id, sorted(plan, key=lambda m: m.data.revision))
        self.merges = self._merges()
        said = self.of["event-classified"]
        self.classified = sorted(said, key=lambda m: (m.data.issued_at, m.time, m.id))
        keys = {report.key for report in self.reports} | set(self.merges) | set(self.merges.values())
        self.keys = keys | {m.data.event for name in self.of for m in self.of[name] if getattr(m.data, "event", None)}

    # what was told

    def _told(self, m: Message) -> Told:
        kind, origin = m.name.removeprefix("event-"), m.data.origin
        by_plan = origin.source == PLANNING
        recorded = m.recordedtime or m.time
        given = (m.data.revision or 1, m.time, origin.id, origin.authenticated, by_plan, recorded, m.data)
        return Told(m.data.event, kind, *given)

    def items(self, approval: Message) -> dict[str, Any]:
        """The items of an approved plan; of a repeated id the first."""
        found: dict[str, Any] = {}
        for channel_plan in approval.data.content.channel_plans:
            for item in channel_plan.items:
                found.setdefault(item.item_id, item)
        return found

    def _milestone(self, item_id: str, plan: list[Message]) -> None:
        """A focal item is an event that each approved revision tells of; dropped is cancelled."""
        begun = False
        for approval in plan:
            item = self.items(approval).get(item_id)
            is_focal = item is not None and item.kind == "FOCAL" and item.milestone is not None
            if not is_focal and not begun:
                continue
            begun = True
            data: Any = None
            if is_focal:
                data = SimpleNamespace(started_at=item.milestone.starts_at, ended_at=item.milestone.ends_at)
                data.title, data.unit, data.topic_area = item.title, item.lead_unit or "PTT", item.topic_area
                data.plan_item_id = item_id
            key, kind = event_key(PLANNING, item_id), "scheduled" if is_focal else "cancelled"
            self.milestones[item_id] = key
            name = f"{approval.data.plan_id}@{approval.data.revision}#{item_id}"
            given = (approval.data.revision, approval.data.issued_at, name, True, True)
            self.reports.append(Told(key, kind, *given, approval.recordedtime or approval.time, data))

    # which keys are one event

    def _merges(self) -> dict[str, str]:
        merges: dict[str, str] = {}
        for m in sorted(self.of["event-merged"], key=lambda m: (m.time, m.id)):
            if m.data.into is None:
                merges.pop(m.data.event, None)
                continue
            tried = merges | {m.data.event: m.data.into}
            if m.data.event not in self._walk(m.data.into, tried):
                merges = tried
        return merges

    @staticmethod
    def _walk(key: str, merges: dict[str, str]) -> list[str]:
        path = [key]
        while path[-1] in merges and merges[path[-1]] not in path:
            path.append(merges[path[-1]])
        return path

    def link(self, end: str) -> str | None:
        """The milestone that a key is linked to, with all that was merged into it."""
        merged = [key for key in self.keys if self._walk(key, self.merges)[-1] == end]
        reports = [r for r in self.reports if r.key in merged]
        report = self.ruling(reports)[0]
        if not any(report in voice for voice in self.counted(reports)):
            report = None
        item = self.item_named([c for c in self.classified if c.data.event in merged], report)
        key = self.milestones.get(item) if item else None
        return key if key != end else None

    def root(self, key: str) -> str:
        """Merges before the link, followed to the end."""
        path = [key]
        while True:
            step = self.merges.get(path[-1]) or self.link(path[-1])
            if step is None:
                return path[-1]
            if step in path:  # room: no merge is to blame, so the link of the smallest key is as if it were not there
                return min(k for k in path[path.index(step) :] if k not in self.merges)
            path.append(step)

    # which of the reports rules

    @staticmethod
    def counted(reports: Iterable[Told]) -> list[list[Told]]:
        """The reports of each key; an unauthenticated one never supersedes those of an authenticated source."""
        by_key: dict[tuple[str, bool], list[Told]] = defaultdict(list)
        for report in reports:
            by_key[report.key, report.by_plan].append(report)
        return [[r for r in one if r.known] or one for one in by_key.values()]

    def ruling(self, reports: list[Told]) -> tuple[Told | None, Told | None]:
        """The report that tells of the event, and the cancellation if one rules."""
        voices = self.counted(reports)
        if not voices:
            return None, None
        top = max((max(voice, key=within) for voice in voices), key=across)
        if top.kind != "cancelled":
            return top, None
        told = [[r for r in voice if r.kind != "cancelled"] for voice in voices]
        own = [r for voice, rest in zip(voices, told, strict=True) if top in voice for r in rest]
        if own:  # room: what a cancellation cancels is told by its own key, else by another
            return max(own, key=within), top
        set_aside = [r for r in reports if r.kind != "cancelled"]  # told by a stranger only: VOID all the same
        tops = [max(rest, key=within) for rest in told if rest]
        return max(tops, key=across, default=max(set_aside, key=within, default=None)), top

    @staticmethod
    def item_named(classified: list[Message], report: Told | None) -> str | None:
        """The item of the last classification that has the field (null detaches), else the ruling report's."""
        named = [c.data.plan_item_id for c in classified if "plan_item_id" in c.data.model_fields_set]
        return last(named, getattr(report.data, "plan_item_id", None) if report else None)

    # what is owed

    def approvals_for(self, item_id: str | None) -> list[Message]:
        """The approved revisions of an item's plan; item ids are unique over all plans."""
        with_item = [m for plan in self.plans.values() for m in plan if item_id in self.items(m)]
        first = min(with_item, key=lambda m: (m.data.issued_at, m.data.revision, m.id, m.data.plan_id), default=None)
        return self.plans[first.data.plan_id] if first else []

    @staticmethod
    def asked(tier: str, item: Any) -> dict[Slot, tuple[str, ...]]:
        """What a tier asks for, or an item's own requirements when it has any (physical forms are none)."""
        own = [r for r in item.requirements if r.code not in PHYSICAL] if item else []
        if not own:
            slots = [(code, "PRE") for code in PRE_OF[tier]] + [(code, "POST") for code in POST_OF[tier]]
            return {slot: CHANNELS.get(slot[0], (slot[0],)) for slot in slots}
        found: dict[Slot, tuple[str, ...]] = {}
        for r in own:
            for phase in r.phases or ("POST",):
                channels = tuple(str(c) for c in r.channels) or CHANNELS.get(r.code, (str(r.code),))
                found.setdefault((str(r.code), str(phase)), tuple(dict.fromkeys(channels)))
        return found

    def demanded(self, reports: list[Told], report: Told, classified: list[Message], cut: int) -> Any:
        """What a report, classifications and the plan revision so many before the one in force ask for.

        None when there is no such revision.
        """
        item_id = self.item_named(classified, report)
        approvals = self.approvals_for(item_id)
        in_force = max([n for n, m in enumerate(approvals) if m.data.issued_at <= report.end], default=0)
        if cut > in_force or (cut and not approvals):
            return None
        approvals = approvals[: in_force - cut + 1]
        item = self.items(approvals[-1]).get(item_id) if approvals else None
        tier = last((c.data.tier for c in classified if c.data.tier), item.tier if item else "ROUTINE")
        wanted = self.asked(tier, item)
        owed = {slot: ch for slot, ch in wanted.items() if slot[1] == "POST" and report.kind == "held"}
        heard = [r for voice in self.counted(reports) for r in voice]
        if any(r.kind == "scheduled" and r.time < report.start for r in [*heard, report]):
            before = self.asked_before(heard, report, classified, approvals)
            owed |= {slot: ch for slot, ch in wanted.items() if slot[1] == "PRE" and slot in before}
        return owed

    def asked_before(self, heard: list[Told], report: Told, classified: list[Message], approvals: Any) -> Any:
        """What was in force before the start: said, told and approved by then."""
        start = report.start
        told = report if report.time < start else self.ruling([r for r in heard if r.time < start])[0]
        said = [c for c in classified if c.data.issued_at < start]
        item_id = self.item_named(said, told)
        plan = self.approvals_for(item_id)
        if plan and approvals and plan[0] is approvals[0]:
            plan = approvals
        approval = last(m for m in plan if m.data.issued_at < start)
        item = self.items(approval).get(item_id) if approval else None
        return self.asked(last((c.data.tier for c in said if c.data.tier), item.tier if item else "ROUTINE"), item)

    def given_up(self, reports: list[Told], present: Told, classified: list[Message], owed: Any) -> Iterator[Any]:
        """What is owed no more: under an earlier plan revision, classification or message of the event."""
        prefixes = [classified[:n] for n in range(len(classified), -1, -1)]
        others = [r for r in reports if r.kind != "cancelled" and r is not present]
        others.sort(key=lambda r: (r.revision, r.time, r.id), reverse=True)
        by_report = "PLAN_CHANGED" if present.by_plan else "REVISED"
        ways = [(present, said, "CLASSIFIED" if said is not prefixes[0] else "PLAN_CHANGED") for said in prefixes]
        seen = set(owed)
        for report, said, reason in [*ways, *((r, said, by_report) for r in others for said in prefixes)]:
            cut = 0
            while (wanted := self.demanded(reports, report, said, cut)) is not None:
                cut += 1
                for slot in wanted:
                    if slot not in seen:
                        seen.add(slot)
                        yield slot, wanted[slot], reason

    # what was published, waived, and why it was missed

    def publications(self, members: list[str]) -> list[Any]:
        """Of each content and channel what its highest revision says, those taken back left out; the first first."""
        kinds = ["content-published", "content-corrected", "content-withdrawn"]
        ruling: dict[tuple[str, str], Message] = {}
        told = [m for kind in kinds for m in self.of[kind] if m.data.event in members]
        for m in sorted(told, key=lambda m: (m.data.revision, kinds.index(m.name), m.time, m.id)):
            ruling[m.data.content_id, m.data.channel] = m
        found = [m.data for m in ruling.values() if m.name != "content-withdrawn"]
        return sorted(found, key=lambda p: (p.published_at, p.content_id, p.channel))

    def waiver(self, owed: str) -> datetime | None:
        """When the waiver that holds was given."""
        since = None
        acts = [m for name in ("obligation-waived", "obligation-waiver-revoked") for m in self.of[name]]
        for m in sorted(acts, key=lambda m: (m.data.issued_at, m.time, m.id)):
            if m.data.obligation_id == owed and m.name == "obligation-waiver-revoked":
                since = None
            elif m.data.obligation_id == owed:
                since = since or m.data.issued_at
        return since

    def cause(self, doc: Doc, members: list[str], reports: list[Told], item_id: str | None) -> str:
        """The first that applies."""
        owed, due_at, phase = doc["obligation_id"], doc["missed_at"], doc["phase"]
        given = [m for m in self.of["cause-set"] if m.data.obligation_id == owed]
        if given:
            return str(max(given, key=lambda m: (m.data.issued_at, m.time, m.id)).data.cause)
        kind = "held" if phase == "POST" else "scheduled"
        notices = [r.recorded for voice in self.counted(reports) for r in voice if r.kind == kind]
        if phase == "PRE":
            approvals = [m for m in self.approvals_for(item_id) if item_id in self.items(m)]
            notices += [m.recordedtime or m.time for m in approvals]
        if due_at - min(notices) < DAY:
            return "LATE_NOTICE"

        def early(m: Message) -> bool:
            return m.data.event in members and (m.recordedtime or m.time) < due_at

        if any(early(m) and m.data.channel in doc["channels"] for m in self.of["delivery-failed"]):
            return "CHANNEL_FAILURE"
        return "APPROVAL_DELAY" if any(map(early, self.of["content-submitted"])) else "NO_SUBMISSION"

    # the documents

    def documents(self) -> dict[str, Doc]:
        """Every obligation, by id."""
        found: dict[str, Doc] = {}
        groups: dict[str, list[str]] = defaultdict(list)
        for key in sorted(self.keys):
            groups[self.root(key)].append(key)
        for root, members in groups.items():
            for doc in self.event(root, members):
                found[doc["obligation_id"]] = doc
        return found

    def event(self, root: str, members: list[str]) -> Iterator[Doc]:
        """What one event owes, and owed."""
        reports = [r for r in self.reports if r.key in members]
        report, cancellation = self.ruling(reports)
        if report is None:
            return
        classified = [c for c in self.classified if c.data.event in members]
        owed = self.demanded(reports, report, classified, 0)
        void = "" if cancellation is None else "PLAN_CHANGED" if cancellation.by_plan else "CANCELLED"
        everything = [(slot, channels, void) for slot, channels in owed.items()]
        everything += [(s, c, void or why) for s, c, why in self.given_up(reports, report, classified, owed)]
        item_id = self.item_named(classified, report)
        about = self.about(report, classified, item_id)
        for slot, channels, reason in everything:
            doc = {"obligation_id": obligation_id(root, *slot), "event": root, "requirement": slot[0], "phase": slot[1]}
            doc |= {"channels": list(channels), "void_reason": reason or None} | about
            doc |= self.judged(doc, report, members)
            late = doc["missed_at"] is not None
            yield doc | {"cause": self.cause(doc, members, reports, item_id) if late else None}

    def about(self, report: Told, classified: list[Message], item_id: str | None) -> Doc:
        """The words of the event that its obligations carry."""
        approvals = self.approvals_for(item_id)
        in_force = last((m for m in approvals if m.data.issued_at <= report.end), approvals[0] if approvals else None)
        item = self.items(in_force).get(item_id) if in_force else None
        day = end_day(report.start, report.end)
        first = day.year if day.month >= 9 else day.year - 1
        return {
            "tier": last((c.data.tier for c in classified if c.data.tier), item.tier if item else "ROUTINE"),
            "topic_area": last(
                (c.data.topic_area for c in classified if c.data.topic_area),
                item.topic_area if item else report.data.topic_area,
            ),
            "unit": report.data.unit,
            "school_year": f"{first}-{first + 1}",
            "month": day.isoformat()[:7],
            "title": report.data.title,
            "planned": item is not None,
        }

    def judged(self, doc: Doc, report: Told, members: list[str]) -> Doc:
        """State, dates and evidence."""
        code, phase = doc["requirement"], doc["phase"]
        shown = [p for p in self.publications(members) if p.channel in doc["channels"]]
        if not (code == "MASS_MEDIA" and phase == "POST"):
            shown = [p for p in shown if (p.published_at < report.start) == (phase == "PRE")]
        shown_at = shown[0].published_at if shown else None
        due: Doc = dict.fromkeys(("due_at", "strict_due_at", "working_due_at", "policy_version", "calendar_version"))
        if phase == "PRE":
            due |= dict.fromkeys(("due_at", "strict_due_at", "working_due_at"), report.start)
        else:
            versions = [*self.of["calendar-issued"], *self.of["policy-issued"]]
            due |= dates(versions, code, end_day(report.start, report.end), shown_at=shown_at)
        due_at, waived_at = due["due_at"], self.waiver(doc["obligation_id"])
        state, missed_at = "OPEN", None
        if doc["void_reason"]:
            state = "VOID"
        elif due_at and shown_at and shown_at < due_at:
            state = "ON_TIME"
        elif waived_at and not (shown_at and shown_at < waived_at):
            state, missed_at = "WAIVED", due_at if due_at and waived_at >= due_at else None
        elif due_at and shown_at:
            state, missed_at = "LATE", due_at
        elif due_at and self.now >= due_at:
            state, missed_at = "MISSED", due_at
        evidence = {"discharged_at": shown_at, "content_id": shown[0].content_id if shown else None}
        return due | evidence | {"state": state, "missed_at": missed_at}
