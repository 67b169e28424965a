"""What the pages of imports show, as frozen values; pure.

It must never judge: outcomes and faults come as they were decided.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contracts.reference import Reference
from services.monitoring.imports.files.columns import COLUMNS, KINDS
from services.monitoring.imports.files.faults import RULES
from services.monitoring.imports.files.rows import CANCELLED
from services.monitoring.imports.importing import Looked
from services.monitoring.intake.acceptance import FLAGS

Doc = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RowView:
    """A row as shown. Shape: changes are (field's name, before, after) in words; times are stamps or None."""

    place: str
    title: str
    unit: str
    kind: str
    started_at: str | None
    ended_at: str | None
    outcome: str
    event_key: str
    flags: tuple[str, ...]
    changes: tuple[tuple[str, str, str], ...]
    is_cancelled: bool


@dataclass(frozen=True, slots=True)
class FaultView:
    """A fault as shown."""

    rule: str
    detail: str
    fix: str


@dataclass(frozen=True, slots=True)
class ImportView:
    """An import: waiting with its preview or its faults, done, or dropped."""

    id: str
    file: str
    kind: str
    status: str
    at: str
    by_name: str
    counts: Mapping[str, int]
    rows: tuple[RowView, ...]
    faults: tuple[FaultView, ...]
    left_out: tuple[Mapping[str, str], ...]
    notes: tuple[tuple[str, str], ...]
    seen: str
    read_count: int

    @property
    def has_effect(self) -> bool:
        """Whether confirming would record anything."""
        return bool(self.counts.get("new") or self.counts.get("changed"))


def import_view(doc: Doc, looked: Looked | None, *, reference: Reference, language: str) -> ImportView:
    """The page of one import."""
    rows: Sequence[Doc] = doc.get("rows", ())
    faults: list[FaultView] = []
    left_out: Iterable[Mapping[str, str]] = doc.get("left_out", ())
    if looked:
        rows = [line.to_doc() for line in looked.lines]
        told = (fault.describe("en" if language == "en" else "vi") for fault in looked.faults)
        faults = [FaultView(one.rule, *words) for one, words in zip(looked.faults, told, strict=True)]
        left_out = [{"place": one.place, "title": one.title, "why": one.why} for one in looked.left_out]
    return ImportView(
        id=doc["_id"],
        file=doc["file"],
        kind=doc["kind"],
        status=doc["status"],
        at=doc["at"],
        by_name=doc["by_name"],
        counts=looked.counts if looked else doc.get("counts", {}),
        rows=tuple(_row(row, reference, language) for row in rows),
        faults=tuple(faults),
        left_out=tuple(left_out),
        notes=tuple(looked.notes) if looked else (),
        seen=looked.seen if looked and not faults else "",
        read_count=len(looked.rows) if looked else len(rows),
    )


def _row(row: Doc, reference: Reference, language: str) -> RowView:
    is_english = language == "en"
    return RowView(
        place=row["place"],
        title=row["title"],
        unit=reference.unit_name(row["unit"], language),
        kind=KINDS[row["name"]][is_english],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        outcome=row["outcome"],
        event_key=row["event_key"],
        flags=tuple(FLAGS[flag][is_english] for flag in row["flags"]),
        changes=tuple(_change(change, is_english=is_english) for change in row["changes"]),
        is_cancelled=row["name"] == CANCELLED,
    )


def _change(change: Sequence[Any], *, is_english: bool) -> tuple[str, str, str]:
    name, before, after = change
    said = COLUMNS[name][is_english] if name in COLUMNS else name
    if name == "kind":
        words = {f"vn.edu.hcmute.publicity.{kind}.v1": texts[is_english] for kind, texts in KINDS.items()}
        return said, words.get(before, before), words.get(after, after)
    return said, "" if before is None else str(before), "" if after is None else str(after)


def listed(docs: Iterable[Doc]) -> list[Mapping[str, Any]]:
    """The person's last imports as rows of a list."""
    return [
        {"id": doc["_id"], **{name: doc.get(name) for name in ("file", "kind", "at", "status", "counts")}}
        for doc in docs
    ]


def rules_in(language: str) -> list[tuple[str, str, str]]:
    """The list of the imports' own rules as (rule, detail, fix)."""
    is_english = language == "en"
    pairs = (
        (code, (rule.detail_en, rule.fix_en) if is_english else (rule.detail_vi, rule.fix_vi))
        for code, rule in RULES.items()
    )
    blanks = dict.fromkeys(("limit", "rows", "years", "other"), "…")
    return [(code, detail % blanks, fix % blanks) for code, (detail, fix) in pairs]
