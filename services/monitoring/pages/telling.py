"""Facts told as sentences: who did what, when it happened and when it became known; pure.

Never more than the fact says.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from contracts.codes import DeliveryOutcome, WithdrawalReason
from services.chassis.web.i18n import N_
from services.monitoring.algebra.instants import Stamp
from services.monitoring.pages.words import Sentence, Words

Doc = Mapping[str, Any]
Duties = Mapping[str, str]

# kind of fact -> icon, name of the message on the wire
KINDS = {
    "scheduled": ("planning", "EventScheduled"),
    "held": ("ok", "EventHeld"),
    "cancelled": ("void", "EventCancelled"),
    "classified": ("info", "EventClassified"),
    "merged": ("back", "EventMerged"),
    "submitted": ("inbox", "ContentSubmitted"),
    "published": ("publishing", "ContentPublished"),
    "corrected": ("publishing", "ContentCorrected"),
    "withdrawn": ("back", "ContentWithdrawn"),
    "delivery-failed": ("alert", "DeliveryFailed"),
    "waived": ("waive", "ObligationWaived"),
    "waiver-revoked": ("waive", "ObligationWaiverRevoked"),
    "cause-set": ("late", "CauseSet"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One line of a timeline.

    Shape:   link is an address outside, or empty; reason is what the person gave as such.
    """

    kind: str
    icon: str
    message: str
    happened_at: Stamp
    recorded_at: Stamp
    said: Sentence
    reason: str = ""
    link: str = ""


def tell(fact: Doc, words: Words, duties: Duties) -> Told:
    """Return a fact as a line of the timeline.

    Shape:   duties are the names of obligations by id.        Source: R20 (each with actor and reason)
    """
    icon, message = KINDS[fact["kind"]]
    said = _SAID[fact["kind"]](fact, words, duties)
    happened_at = fact.get("issued_at") or fact.get("at") or fact["time"]
    reason, link = fact.get("reason") or "", fact.get("url") or ""
    if fact["kind"] == "withdrawn":
        reason = ""
    return Told(fact["kind"], icon, message, happened_at, fact["recorded"], said, reason, link)


def people_in(fact: Doc) -> set[str]:
    """Return the accounts that a fact names. Source: R20"""
    return {fact[name] for name in ("by", "submitted_by") if fact.get(name)}


def _reported(fact: Doc, words: Words, _: Duties) -> Sentence:
    text = {
        "held": N_("%(who)s báo: sự kiện đã diễn ra, %(when)s"),
        "scheduled": N_("%(who)s báo: sự kiện sẽ diễn ra, %(when)s"),
    }[fact["kind"]]
    if not fact["authenticated"]:
        text = {
            "held": N_("%(who)s (nguồn chưa xác thực) báo: sự kiện đã diễn ra, %(when)s"),
            "scheduled": N_("%(who)s (nguồn chưa xác thực) báo: sự kiện sẽ diễn ra, %(when)s"),
        }[fact["kind"]]
    when = words.period(fact["started_at"], fact["ended_at"])
    return Sentence(text, {"who": words.sender(fact["origin_source"]), "when": when})


def _cancelled(fact: Doc, words: Words, _: Duties) -> Sentence:
    return Sentence(N_("%(who)s báo hủy sự kiện"), {"who": words.sender(fact["origin_source"])})


def _classified(fact: Doc, words: Words, _: Duties) -> Sentence:
    parts = [words.code(fact.get("tier")), words.topic(fact.get("topic_area"))]
    if fact.get("names_item"):
        parts.append(fact.get("plan_item_id") or {"vi": "không gắn mục kế hoạch", "en": "no plan item"}[words.language])
    what = ", ".join(part for part in parts if part)
    return Sentence(N_("%(who)s phân loại: %(what)s"), {"who": words.who(fact["by"]), "what": what})


def _merged(fact: Doc, words: Words, _: Duties) -> Sentence:
    text = N_("%(who)s gộp vào sự kiện khác") if fact.get("into") else N_("%(who)s bỏ lần gộp trước")
    return Sentence(text, {"who": words.who(fact["by"])})


def _submitted(fact: Doc, words: Words, _: Duties) -> Sentence:
    named = {"who": words.who(fact["submitted_by"]), "channel": words.code(fact.get("channel"))}
    text = N_("%(who)s gửi bài cho %(channel)s") if fact.get("channel") else N_("%(who)s gửi bài")
    return Sentence(text, named)


def _published(fact: Doc, words: Words, _: Duties) -> Sentence:
    named = {"channel": words.code(fact["channel"]), "title": fact.get("title") or fact["content_id"]}
    if fact["kind"] == "corrected":
        return Sentence(N_("%(channel)s đăng bản đính chính “%(title)s”"), named)
    if fact.get("recorded_by_person"):
        return Sentence(N_("%(channel)s đăng “%(title)s”, do người ghi nhận"), named)
    return Sentence(N_("%(channel)s đăng “%(title)s”"), named)


def _withdrawn(fact: Doc, words: Words, _: Duties) -> Sentence:
    code = fact.get("reason")
    why = words.code(code) if code in set(WithdrawalReason) else code or ""
    return Sentence(N_("Gỡ bài khỏi %(channel)s: %(why)s"), {"channel": words.code(fact["channel"]), "why": why})


def _failed(fact: Doc, words: Words, _: Duties) -> Sentence:
    outcome = DeliveryOutcome(fact["outcome"])
    said = outcome.en if words.language == "en" else outcome.vi
    named = {"channel": words.code(fact["channel"]), "attempt": str(fact["attempt"]), "outcome": said.lower()}
    return Sentence(N_("%(channel)s chưa nhận bài, lần %(attempt)s: %(outcome)s"), named)


def _duty(fact: Doc, words: Words, duties: Duties) -> str:
    """The obligation's name; where it is not known which it is, an obligation."""
    unnamed = "an obligation" if words.language == "en" else "một nghĩa vụ"
    return duties.get(fact["obligation_id"], unnamed)


def _waived(fact: Doc, words: Words, duties: Duties) -> Sentence:
    text = N_("%(who)s miễn %(duty)s") if fact["kind"] == "waived" else N_("%(who)s thu hồi lần miễn %(duty)s")
    return Sentence(text, {"who": words.who(fact["by"]), "duty": _duty(fact, words, duties)})


def _cause(fact: Doc, words: Words, duties: Duties) -> Sentence:
    named = {"who": words.who(fact["by"]), "duty": _duty(fact, words, duties)}
    return Sentence(N_("%(who)s nêu nguyên nhân của %(duty)s: %(cause)s"), named | {"cause": words.code(fact["cause"])})


_SAID: dict[str, Callable[[Doc, Words, Duties], Sentence]] = {
    "scheduled": _reported,
    "held": _reported,
    "cancelled": _cancelled,
    "classified": _classified,
    "merged": _merged,
    "submitted": _submitted,
    "published": _published,
    "corrected": _published,
    "withdrawn": _withdrawn,
    "delivery-failed": _failed,
    "waived": _waived,
    "waiver-revoked": _waived,
    "cause-set": _cause,
}
