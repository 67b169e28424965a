"""Directives as pages show them: to whom, on what, by when, how they stand, and what was said; pure.

Never a button that would be refused.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contracts.codes import Channel
from services.chassis.decision import Actor
from services.chassis.web.i18n import N_
from services.chassis.web.identity import ROLE_NAMES
from services.monitoring.algebra.instants import Stamp
from services.monitoring.pages.view_duties import Choices, codes, query_of
from services.monitoring.pages.words import Words
from services.monitoring.supervision.directives import (
    Asked,
    DirectiveState,
    Step,
    is_overdue,
    may_acknowledge,
    may_close,
)

Doc = Mapping[str, Any]
# A list shows how a directive begins; the whole text stands on its own page.
BEGINNING = 140
STATES = {
    Asked.OPEN: N_("Còn mở"),
    Asked.ISSUED: N_("Chờ xác nhận"),
    Asked.ACKNOWLEDGED: N_("Đã xác nhận"),
    Asked.OVERDUE: N_("Quá hạn"),
    Asked.CLOSED: N_("Đã đóng"),
}
_BADGES = {DirectiveState.ISSUED: "due", DirectiveState.ACKNOWLEDGED: "open", DirectiveState.CLOSED: "ok"}
_STEPS = {
    Step.ISSUE: ("info", N_("ra chỉ đạo")),
    Step.ACKNOWLEDGE: ("ok", N_("xác nhận đã nhận")),
    Step.CLOSE: ("lock", N_("đóng chỉ đạo")),
}


@dataclass(frozen=True, slots=True)
class About:
    """One thing that a directive is about.

    Shape:   kind is a msgid; name is empty for an event that was merged; address leads there, empty when nothing does.
    """

    kind: str
    name: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class DirectiveRow:
    """A directive as one line of a list. Shape: to is a msgid where it names a role."""

    directive_id: str
    beginning: str
    to: str
    by: str
    about: tuple[About, ...]
    issued_at: Stamp
    due_at: Stamp
    badge: tuple[str, str]
    is_closed: bool
    is_overdue: bool
    acknowledged: int
    may_acknowledge: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One step of a directive's history."""

    icon: str
    said: str
    by: str
    at: Stamp
    note: str


@dataclass(frozen=True, slots=True)
class DirectiveView:
    """The page of one directive."""

    row: DirectiveRow
    text: str
    history: tuple[Line, ...]
    may_close: bool


@dataclass(frozen=True, slots=True)
class DirectiveList:
    """The page of directives."""

    rows: tuple[DirectiveRow, ...]
    chosen: Mapping[str, str]
    choices: Mapping[str, Choices]
    first: str
    following: str

    @property
    def is_filtered(self) -> bool:
        """Whether anything is asked for."""
        return any(self.chosen.values())


@dataclass(frozen=True, slots=True)
class Seen:
    """How a reader sees directives: who he is, when, in which words, and what the events are called."""

    reader: Actor
    now: Stamp
    words: Words
    titles: Mapping[str, str]


def people_in(docs: Iterable[Doc]) -> set[str]:
    """Return the accounts that directives name. Source: R20"""
    return {account for doc in docs for account in (doc["to"], *(line["by"] for line in doc["history"]))}


def events_in(docs: Iterable[Doc]) -> set[str]:
    """Return the events that directives are about. Source: 4.2"""
    return {doc["scope"]["event"] for doc in docs if "event" in doc["scope"]}


def addressee(to: str, words: Words) -> str:
    """Return what an addressee is called; a role by its msgid. Source: contract, directive-issued"""
    return ROLE_NAMES.get(to) or words.names.get(to) or words.unit(to)


def directive_row(doc: Doc, seen: Seen) -> DirectiveRow:
    """Return a directive as a line, as it is now. Source: 4.2, R17"""
    late = is_overdue(doc, seen.now)
    state = DirectiveState(doc["state"])
    text = " ".join(doc["text"].split())
    return DirectiveRow(
        directive_id=doc["_id"],
        beginning=text if len(text) <= BEGINNING else text[: BEGINNING - 1].rstrip() + "…",
        to=addressee(doc["to"], seen.words),
        by=seen.words.who(doc["by"]),
        about=tuple(_about(doc["scope"], seen)),
        issued_at=doc["issued_at"],
        due_at=doc["due_at"],
        badge=("miss", STATES[Asked.OVERDUE]) if late else (_BADGES[state], STATES[Asked(state.value)]),
        is_closed=state is DirectiveState.CLOSED,
        is_overdue=late,
        acknowledged=len(doc["acknowledged_by"]),
        may_acknowledge=may_acknowledge(doc, seen.reader),
    )


def _about(scope: Doc, seen: Seen) -> Iterable[About]:
    words = seen.words
    if "event" in scope:
        yield About(N_("sự kiện"), seen.titles.get(scope["event"], ""), f"/events/{scope['event']}")
    if "topic_area" in scope:
        address = "/obligations" + query_of({"topic_area": scope["topic_area"]})
        yield About(N_("mảng"), words.topic(scope["topic_area"]), address)
    if "unit" in scope:
        yield About(N_("đơn vị"), words.unit(scope["unit"]), "/obligations" + query_of({"unit": scope["unit"]}))
    if "channel" in scope:
        yield About(N_("kênh"), words.code(scope["channel"]))


def directive_view(doc: Doc, seen: Seen) -> DirectiveView:
    """Return the page of a directive. Source: 4.2, R17, R20"""
    return DirectiveView(
        row=directive_row(doc, seen),
        text=doc["text"],
        history=tuple(_line(line, seen.words) for line in doc["history"]),
        may_close=may_close(doc, seen.reader),
    )


def _line(line: Doc, words: Words) -> Line:
    icon, said = _STEPS[Step(line["step"])]
    return Line(icon, said, words.who(line["by"]), line["at"], line["note"] or "")


def directive_list(docs: Iterable[Doc], chosen: Mapping[str, str], seen: Seen, *, after: str) -> DirectiveList:
    """Return the page of directives. Source: R17

    Shape:   chosen is what stands in the address; after is the cursor behind the last row, or empty.
    """
    return DirectiveList(
        rows=tuple(directive_row(doc, seen) for doc in docs),
        chosen=chosen,
        choices=choices(seen.words),
        first=query_of(chosen) or "?state=",
        following=query_of({**chosen, "after": after}) if after else "",
    )


def choices(words: Words) -> Mapping[str, Choices]:
    """Return what a directive may be about, and how it may stand, for forms. Source: 4.1, 4.2"""
    return {
        "state": tuple((state.value, name) for state, name in STATES.items()),
        "topic_area": tuple((area.code, words.topic(area.code)) for area in words.reference.topic_areas),
        "unit": tuple((unit.code, words.unit(unit.code)) for unit in words.reference.units),
        "channel": codes(Channel, words),
    }


def addressees(people: Sequence[tuple[str, str]], words: Words) -> tuple[tuple[str, Choices], ...]:
    """Return to whom a directive may be given, in groups: units, roles by their msgids, people by name.

    Source: 4.2, contract, directive-issued; facts of the place (people's names sort by the given name)
    """
    by_name = sorted(people, key=lambda one: (one[1].split()[-1:], one[1]))
    return (
        (N_("Vai trò"), tuple(ROLE_NAMES.items())),
        (N_("Đơn vị"), choices(words)["unit"]),
        (N_("Người đang đăng nhập"), tuple(by_name)),
    )
