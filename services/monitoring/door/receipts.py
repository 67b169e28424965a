"""What the door keeps: bytes as received, receipts, what was received before; as documents and in words.

It must never decide, and never keep a token or a cookie.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid5

from pymongo import DESCENDING, IndexModel

from contracts.envelope import NAMESPACE
from contracts.times import format_time
from services.chassis.unit import Collection, Unit
from services.monitoring.intake.acceptance import IntakeDecision, KnownRecord, Permission, StatedRevision, Status
from services.monitoring.intake.candidates import Candidate
from services.monitoring.intake.faults import Fault, Language

Doc = dict[str, Any]
SECRET_HEADERS = {"authorization", "cookie", "proxy-authorization"}
# where a rule points that only what was received before can break
POINTERS = {"id-reused": "/id", "revision-conflict": "/data/revision", "sender-unknown": "/source"}
COLLECTIONS = (
    Collection("received"),
    Collection("receipts"),
    Collection(
        "quarantine",
        indexes=(IndexModel([("status", DESCENDING), ("received_at", DESCENDING), ("_id", DESCENDING)]),),
    ),
    Collection("known"),
    Collection("stated"),
)


@dataclass(frozen=True, slots=True)
class Reception:
    """A request or record as it came, and what its sender may do.

    Shape:   via says whence: {"topic", "partition", "offset"}, {"token_id"}, or {"account_id"} for a person.
    """

    id: str
    at: datetime
    permission: Permission
    body: bytes | None
    headers: Sequence[tuple[str, bytes | None]] = ()
    key: bytes | None = None
    via: Mapping[str, Any] = field(default_factory=dict)

    def receipt_id(self, pointer: str) -> str:
        """The id of the receipt of the message at the pointer; the same again when the reception is worked on again."""
        return str(uuid5(NAMESPACE, f"{self.id}\n{pointer}"))

    def to_doc(self) -> Doc:
        """What is kept of it, byte for byte but for secrets."""
        headers = [[name, value] for name, value in self.headers if name.lower() not in SECRET_HEADERS]
        kept = {"body": self.body, "headers": headers, "key": self.key, "via": dict(self.via)}
        return {"_id": self.id, "at": format_time(self.at), "permission": asdict(self.permission), **kept}


def _hashed(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _known_ids(candidate: Candidate) -> tuple[str, str]:
    """Where to look for what was received before: under source and id, and under these with the same content."""
    identity = (candidate.source, candidate.id)
    return _hashed(*identity), _hashed(*identity, candidate.content_digest)


def _stated_id(candidate: Candidate) -> str:
    return _hashed(candidate.event_key, candidate.type, str(candidate.report.revision))


async def recall(unit: Unit, candidates: Iterable[Candidate]) -> None:
    """Read with a query each what is known of all the candidates; what follows finds it in the unit."""
    found = list(candidates)
    await unit.get_many("known", [known_id for candidate in found for known_id in _known_ids(candidate)])
    await unit.get_many("stated", [_stated_id(candidate) for candidate in found])
    await unit.get_many("sequences", [candidate.event_key for candidate in found])


async def known_records(unit: Unit, candidate: Candidate) -> list[KnownRecord]:
    """What was received under the candidate's source and id: the first of each kind of sender, and the same content."""
    docs = await unit.get_many("known", _known_ids(candidate))
    return [_record(one) for doc in docs.values() for one in doc["records"]]


def _record(doc: Doc) -> KnownRecord:
    return KnownRecord(**doc | {"status": Status(doc["status"]), "reasons": tuple(doc["reasons"])})


async def remember(unit: Unit, candidate: Candidate, record: KnownRecord) -> None:
    """Keep that the candidate was received; of one source and id never more than a few records in one document.

    A second writer of the same source and id, or of the same content of them, conflicts with this one.
    """
    first_id, content_id = _known_ids(candidate)
    first = await unit.get("known", first_id)
    others = [one for one in first["records"] if one["is_authenticated"] == record.is_authenticated] if first else []
    is_first = all(one["content_digest"] == record.content_digest for one in others)
    doc = await unit.get("known", first_id if is_first else content_id)
    doc = doc or {"_id": first_id if is_first else content_id, "records": []}
    kept = [one for one in doc["records"] if one["is_authenticated"] != record.is_authenticated]
    made = asdict(record) | {"status": record.status.value, "reasons": list(record.reasons)}
    unit.put("known", doc | {"records": [*kept, made]})


async def stated_revision(unit: Unit, candidate: Candidate) -> StatedRevision | None:
    """What was accepted under the event, type and revision that the candidate states."""
    doc = await unit.get("stated", _stated_id(candidate)) if candidate.report.revision is not None else None
    return StatedRevision(doc["content_digest"], doc["is_authenticated"]) if doc else None


def state_revision(unit: Unit, candidate: Candidate, before: StatedRevision | None, *, is_authenticated: bool) -> None:
    """Keep what was accepted under a stated revision; the first received stays, but not one that nobody checked."""
    if candidate.report.revision is None or (before and (before.is_authenticated or not is_authenticated)):
        return
    content = {"content_digest": candidate.content_digest, "is_authenticated": is_authenticated}
    unit.put("stated", {"_id": _stated_id(candidate), **content})


def receipt_of(candidate: Candidate, decision: IntakeDecision, receipt_id: str) -> Doc:
    """The receipt of a message, as it is answered and kept."""
    return {
        "id": receipt_id,
        "message_id": candidate.id,
        "source": candidate.source,
        "type": candidate.type,
        "status": decision.status.value,
        "event_key": candidate.event_key,
        "reasons": [fault_doc(Fault(POINTERS[rule], rule)) for rule in decision.reasons],
        "flags": list(decision.flags),
    }


def fault_doc(fault: Fault) -> Doc:
    """A fault as it is kept; its words are found when it is read."""
    params = {name: value if isinstance(value, int) else _storable(value) for name, value in fault.params.items()}
    return {"pointer": fault.pointer, "rule": fault.rule, "params": params}


def _storable(value: object) -> str:
    return str(value).encode("utf-8", "replace").decode()


def described(faults: Iterable[Doc], language: str) -> list[dict[str, str]]:
    """Kept faults in the reader's language: pointer, rule, detail, fix."""
    spoken: Language = "en" if language == "en" else "vi"
    said = []
    for one in faults:
        detail, fix = Fault(one["pointer"], one["rule"], one["params"]).describe(spoken)
        said.append({"pointer": one["pointer"], "rule": one["rule"], "detail": detail, "fix": fix})
    return said


def shown(receipt: Mapping[str, Any], language: str, *, root: str = "") -> Doc:
    """A receipt as it is answered; `reasons` and `flags` are left out when there are none."""
    answer = {name: value for name, value in receipt.items() if name not in ("reasons", "flags")}
    answer["href"] = f"{root}/api/receipts/{receipt['id']}"
    if receipt["flags"]:
        answer["flags"] = receipt["flags"]
    if receipt["reasons"]:
        answer["reasons"] = described(receipt["reasons"], language)
    return answer
