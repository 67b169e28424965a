"""The facts about one event, as monitoring keeps them inside the event's document: pure.

Never a judgement, and never a second meaning for the same identity (source, id).
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar

from services.monitoring.algebra.instants import Stamp

Identity = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What one message says; `event` is None when it names no event, `recorded` is when it was first received."""

    kind: str
    source: str
    id: str
    event: str | None
    time: Stamp
    recorded: Stamp

    KINDS: ClassVar[tuple[str, ...]] = ()

    @property
    def identity(self) -> Identity:
        """What makes it the same fact when it comes again."""
        return (self.source, self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report(Fact):
    """A sender's report of an event; a cancelled one has no title, unit or times."""

    KINDS: ClassVar[tuple[str, ...]] = ("scheduled", "held", "cancelled")

    event: str
    revision: int = 1
    origin_source: str
    origin_id: str
    authenticated: bool
    event_id: str
    title: str = ""
    unit: str = ""
    started_at: Stamp = ""
    ended_at: Stamp = ""
    title_en: str | None = None
    place: str | None = None
    summary: str | None = None
    url: str | None = None
    topic_area: str | None = None
    tier: str | None = None
    plan_item_id: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Classified(Fact):
    """A person's classification; `names_item` tells a stated null (detach) from an absent field."""

    KINDS: ClassVar[tuple[str, ...]] = ("classified",)

    event: str
    tier: str | None = None
    topic_area: str | None = None
    plan_item_id: str | None = None
    names_item: bool = False
    by: str
    reason: str
    issued_at: Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged(Fact):
    """A person's merge of the event into another; None undoes it."""

    KINDS: ClassVar[tuple[str, ...]] = ("merged",)

    event: str
    into: str | None = None
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted(Fact):
    """Material that a contributor sent."""

    KINDS: ClassVar[tuple[str, ...]] = ("submitted",)

    content_id: str
    revision: int
    submitted_by: str
    plan_item_id: str | None = None
    channel: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication(Fact):
    """What became of content on a channel; `at` is published_at, of a withdrawn one withdrawn_at."""

    KINDS: ClassVar[tuple[str, ...]] = ("published", "corrected", "withdrawn")

    content_id: str
    revision: int
    channel: str
    at: Stamp
    plan_item_id: str | None = None
    title: str | None = None
    url: str | None = None
    external_id: str | None = None
    evidence_sha256: str | None = None
    recorded_by_person: bool = False
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFailure(Fact):
    """A channel that did not take content, or did not say."""

    KINDS: ClassVar[tuple[str, ...]] = ("delivery-failed",)

    content_id: str
    revision: int
    channel: str
    attempt: int
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverChange(Fact):
    """A person waived an obligation, or took the waiver back."""

    KINDS: ClassVar[tuple[str, ...]] = ("waived", "waiver-revoked")

    event: str
    obligation_id: str
    by: str
    reason: str
    issued_at: Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseGiven(Fact):
    """An operator's word on why an obligation was missed."""

    KINDS: ClassVar[tuple[str, ...]] = ("cause-set",)

    event: str
    obligation_id: str
    cause: str
    by: str
    reason: str
    issued_at: Stamp


CLASSES: tuple[type[Fact], ...] = (
    Report,
    Classified,
    Merged,
    Submitted,
    Publication,
    DeliveryFailure,
    WaiverChange,
    CauseGiven,
)
BY_KIND: dict[str, type[Fact]] = {kind: cls for cls in CLASSES for kind in cls.KINDS}
_FIELDS = {cls: tuple(field.name for field in fields(cls)) for cls in CLASSES}


def to_doc(fact: Fact) -> dict[str, Any]:
    """Return the JSON form of a fact, what is None left out; `from_doc` of it is equal to the fact. Source: R18"""
    names = _FIELDS[type(fact)]
    return {name: value for name in names if (value := getattr(fact, name)) is not None}


def from_doc(doc: dict[str, Any]) -> Fact:
    """Return the fact that a document describes. Source: R18"""
    return BY_KIND[doc["kind"]](**({"event": None} | doc))


def collect(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """Return the set of facts in its one order: the same identity once, with its earliest recordedtime.

    Source: the obligation, Algebra (recordedtime is stamped at first durable receipt, earliest kept)
    """
    kept: dict[Identity, Fact] = {}
    for fact in facts:
        same = kept.get(fact.identity)
        kept[fact.identity] = fact if same is None else _first_received(same, fact)
    return tuple(kept[identity] for identity in sorted(kept))


def _first_received(one: Fact, other: Fact) -> Fact:
    if one == other:
        return one
    recorded = min(one.recorded, other.recorded)
    return min((replace(fact, recorded=recorded) for fact in (one, other)), key=repr)


def known_at(facts: Iterable[Fact], instant: Stamp) -> tuple[Fact, ...]:
    """Return what was known at an instant: the facts recorded not after it. Source: R18, the obligation, Algebra"""
    return collect(fact for fact in facts if fact.recorded <= instant)
