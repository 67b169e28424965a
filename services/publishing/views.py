"""What the pages of publishing show, as frozen values made from documents; pure, and never a decision."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts.codes import Channel, ItemKind
from contracts.times import parse_time
from services.publishing.projections import is_cancelled
from services.publishing.state import Content

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class WorkRow:
    """One obligation that waits for a publication, and the material there is for it."""

    obligation_id: str
    event: str
    title: str
    unit: str
    requirement: str
    phase: str
    state: str
    planned: bool
    due_at: datetime | None
    channels: tuple[Channel, ...]
    contents: tuple[Content, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that content can be about, as offered by the form."""

    event: str
    plan_item_id: str
    title: str
    at: datetime | None = None
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class SubmitView:
    """The contributor's form: what it offers, and what was typed before a refusal."""

    due: tuple[Choice, ...]
    coming: tuple[Choice, ...]
    items: tuple[Choice, ...]
    typed: Mapping[str, Any]
    own: tuple[Content, ...]


def work_rows(work: Sequence[Document], contents: Mapping[str, Sequence[Content]]) -> list[WorkRow]:
    """The rows of the desk, in the order of the work."""
    return [_work_row(doc, contents.get(doc["event"], ())) for doc in work]


def _work_row(doc: Document, contents: Sequence[Content]) -> WorkRow:
    return WorkRow(
        obligation_id=doc["_id"],
        event=doc["event"],
        title=doc["title"],
        unit=doc["unit"],
        requirement=doc["requirement"],
        phase=doc["phase"],
        state=doc["state"],
        planned=doc["planned"],
        due_at=parse_time(doc["due_at"]) if doc.get("due_at") else None,
        channels=tuple(Channel(code) for code in doc["channels"]),
        contents=tuple(contents),
    )


def submit_view(
    work: Sequence[Document],
    coming: Sequence[Document],
    plans: Sequence[Document],
    *,
    typed: Mapping[str, Any],
    own: Sequence[Content],
) -> SubmitView:
    """The form's choices: events that owe news by due time, events to come, routine items of the approved plans."""
    chosen = (typed.get("event") or "", typed.get("plan_item_id") or "")
    due: dict[str, Choice] = {}
    for doc in work:
        at = parse_time(doc["due_at"]) if doc.get("due_at") else None
        due.setdefault(doc["event"], Choice(doc["event"], "", doc["title"], at, chosen[0] == doc["event"]))
    return SubmitView(
        due=tuple(due.values()),
        coming=tuple(_coming(doc, chosen[0]) for doc in coming if doc["_id"] not in due and not _is_gone(doc)),
        items=tuple(_item(item, chosen[1]) for plan in plans for item in plan["items"] if _is_routine(item)),
        typed=typed,
        own=tuple(own),
    )


def _is_gone(event: Document) -> bool:
    return is_cancelled(event) or bool(event.get("merged", {}).get("into"))


def _is_routine(item: Document) -> bool:
    return bool(item["kind"] == ItemKind.ROUTINE)


def _coming(event: Document, chosen: str) -> Choice:
    report = event["report"]
    return Choice(event["_id"], "", report["title"], parse_time(report["started_at"]), chosen == event["_id"])


def _item(item: Document, chosen: str) -> Choice:
    return Choice("", item["item_id"], item["title"], None, chosen == item["item_id"])


def work_json(row: WorkRow, doc: Document) -> Document:
    """A row of the desk for the API: the obligation as monitoring assessed it, and the contents there are for it."""
    fields = {name: value for name, value in doc.items() if name not in ("_id", "v", "o", "schema_version", "is_open")}
    contents = [
        {"content_id": c.content_id, "title": c.title, "channels": [p.channel.value for p in c.shown]}
        for c in row.contents
    ]
    return fields | {"contents": contents}
