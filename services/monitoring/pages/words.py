"""How codes, people and facts are called in the reader's language; pure.

Never a sentence that names a person whom nobody knows: an account without a known name is shown by its id.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from contracts.codes import NAMES, Weekday
from contracts.reference import Reference
from services.chassis.web.formats import Formats
from services.chassis.web.i18n import N_
from services.monitoring.algebra.instants import Stamp, to_local

Doc = Mapping[str, Any]
Params = Mapping[str, str]

PLANNING, DESK = "/publicity/planning", "/publicity/desk"
_WEEKDAYS = tuple(Weekday)
_SHORT = ("T2", "T3", "T4", "T5", "T6", "T7", "CN")
STATUSES = {
    "HELD": N_("Đã diễn ra"),
    "SCHEDULED": N_("Sẽ diễn ra"),
    "CANCELLED": N_("Đã hủy"),
}
STATUS_KINDS = {"HELD": "info", "SCHEDULED": "open", "CANCELLED": "void"}
FLAGS = {
    "UNAUTHENTICATED": N_("Nguồn chưa xác thực"),
    "UNFORESEEN_FOCAL": N_("Trọng điểm ngoài dự kiến"),
    "UNKNOWN_PLAN_ITEM": N_("Mục kế hoạch lạ"),
    "UNKNOWN_TOPIC_AREA": N_("Mảng chủ đề lạ"),
    "UNKNOWN_UNIT": N_("Đơn vị lạ"),
    "UNPLANNED": N_("Ngoài kế hoạch"),
}
TIER_FROM = {
    "CLASSIFIED": N_("do người phân loại"),
    "PLAN_ITEM": N_("theo mục kế hoạch"),
    "DEFAULT": N_("mặc định, chưa ai phân loại"),
}
VOID_REASONS = {
    "CLASSIFIED": N_("Phân loại lại nên không còn đòi hỏi"),
    "PLAN_CHANGED": N_("Kế hoạch thay đổi nên không còn đòi hỏi"),
    "REVISED": N_("Sự kiện được sửa nên không còn đòi hỏi"),
    "CANCELLED": N_("Sự kiện bị hủy"),
    "MERGED": N_("Sự kiện được gộp vào sự kiện khác"),
}


@dataclass(frozen=True)
class Words:
    """How one reader is spoken to.

    Shape:   names are people by account id, as far as they are known.
    """

    formats: Formats
    reference: Reference
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def language(self) -> str:
        """The reader's language."""
        return self.formats.language

    def code(self, code: str | None) -> str:
        """The name of a code of the contract; an unknown one is shown as it is."""
        return NAMES.get(str(code), {}).get(self.language, str(code)) if code else ""

    def owed(self, doc: Doc) -> str:
        """What an obligation asks for: its requirement, and that it is due before the event where it is."""
        name = self.code(doc["requirement"])
        return f"{name} ({self.code(doc['phase'])})" if doc["phase"] == "PRE" else name

    def unit(self, code: str | None) -> str:
        """The name of a unit."""
        return self.reference.unit_name(code, self.language)

    def topic(self, code: str | None) -> str:
        """The name of a topic area."""
        return self.reference.topic_name(code, self.language) if code else ""

    def who(self, account_id: str | None) -> str:
        """What a person is called."""
        return self.names.get(account_id or "", account_id or "")

    def sender(self, source: str) -> str:
        """What a source system is called: the planning room and the desk by their names, others by their address."""
        ours = {PLANNING: ("Kế hoạch đã duyệt", "The approved plan"), DESK: ("Bàn trực", "The desk")}
        vi, en = ours.get(source, (source, source))
        return en if self.language == "en" else vi

    def weekday(self, stamp: Stamp) -> str:
        """The name of the local day of the week."""
        day = _WEEKDAYS[to_local(stamp).weekday()]
        return day.en if self.language == "en" else day.vi

    def day(self, stamp: Stamp) -> str:
        """A local day in short: T6 20/11; English Fri 20 Nov."""
        number = to_local(stamp).weekday()
        short = _WEEKDAYS[number].en[:3] if self.language == "en" else _SHORT[number]
        return f"{short} {self.formats.brief(stamp)}"

    def moment(self, stamp: Stamp) -> str:
        """A time in short, without the year: 20/11 16:00; English 20 Nov, 16:00."""
        gap = ", " if self.language == "en" else " "
        return f"{self.formats.brief(stamp)}{gap}{self.formats.time(stamp)}"

    def period(self, started_at: Stamp, ended_at: Stamp) -> str:
        """From when to when, the day said once when it is one day; midnight is 24:00 of the day that ends."""
        start, end = self.formats.instant(started_at), self.formats.due(ended_at)
        if ended_at <= started_at:
            return start
        last = (to_local(ended_at) - timedelta(microseconds=1)).date()
        is_one_day = to_local(started_at).date() == last
        return f"{start}–{end[-5:]}" if is_one_day else f"{start} – {end}"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence to be said in the reader's language: a Vietnamese text with places, and what fills them."""

    text: str
    params: Params = field(default_factory=dict)
