"""What to write instead where a message breaks a rule, and on what ground; pure.

Never a guess about what took place: only the form of a value, or a value that is not needed, is suggested.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts.codes import Tier
from contracts.fields import FORBIDDEN_IN_LINE
from services.chassis.web.i18n import N_
from services.monitoring.intake.showing import as_text, read_members

Members = Mapping[str, Any]
LOCAL_OFFSET = "+07:00"
DROPPED = None
_ISO = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d)?(\.\d+)?\s*([+-]\d\d:?\d\d)?")
_LOCAL = re.compile(r"(\d\d)/(\d\d)/(\d{4}),? (\d\d:\d\d)(:\d\d)?")
_OFFSET = re.compile(r"[+-]\d\d:\d\d$")


@dataclass(frozen=True, slots=True)
class Ground:
    """Why a value is suggested, in words with places."""

    said: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A value to write at a pointer instead of another; None: the member is to be left out."""

    pointer: str
    old: Any
    new: Any
    ground: Ground


Found = tuple[Any, Ground] | None


def suggest(text: str, faults: Iterable[tuple[str, str]]) -> tuple[Suggestion, ...]:
    """What to write where; nothing for a message that is no JSON object, or for what only its sender can know.

    Shape:   faults are (pointer, rule).        Source: R20
    """
    members = read_members(text)
    made: dict[str, Suggestion] = {}
    for pointer, rule in faults if members else ():
        old = _at(members, pointer)
        found = _RULES[rule](members, pointer, old) if rule in _RULES and old is not None else None
        if found:
            made.setdefault(pointer, Suggestion(pointer, old, *found))
    return tuple(made.values())


def corrected(text: str, suggestions: Iterable[Suggestion]) -> str:
    """The message with all that is suggested written into it. Source: R20"""
    members = read_members(text)
    for one in suggestions:
        *way, name = _names(one.pointer)
        holder = members
        for part in way:
            holder = holder[part]
        if one.new is DROPPED:
            del holder[name]
        else:
            holder[name] = one.new
    return as_text(members) if members else text


def _names(pointer: str) -> list[str]:
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def _at(members: Any, pointer: str) -> Any:
    for name in _names(pointer):
        members = members.get(name) if isinstance(members, dict) else None
    return members


def _instant(members: Members, pointer: str, old: Any) -> Found:
    if not isinstance(old, str):
        return None
    if local := _LOCAL.fullmatch(old.strip()):
        day, month, year, clock, second = local.groups()
        return f"{year}-{month}-{day}T{clock}{second or ':00'}{LOCAL_OFFSET}", _OF_THE_SCHOOL
    iso = _ISO.fullmatch(old.strip())
    if iso is None:
        return None
    day, clock, second, part, offset = iso.groups()
    if offset:
        written = f"{offset[:3]}:{offset[-2:]}"
        return f"{day}T{clock}{second or ':00'}{part or ''}{written}", Ground(N_("độ lệch múi giờ viết ±hh:mm"))
    other, ground = _neighbour(members, pointer)
    return f"{day}T{clock}{second or ':00'}{part or ''}{other}", ground


def _neighbour(members: Members, pointer: str) -> tuple[str, Ground]:
    """The offset of another time of the same message, else the school's own."""
    for name in ("started_at", "ended_at"):
        other = _at(members, f"/data/{name}")
        found = _OFFSET.search(other) if isinstance(other, str) and pointer != f"/data/{name}" else None
        if found:
            return found[0], Ground(N_("theo %(name)s của cùng thông điệp"), {"name": f"/data/{name}"})
    return LOCAL_OFFSET, _OF_THE_SCHOOL


def _tier(members: Members, pointer: str, old: Any) -> Found:
    if isinstance(old, str) and old.strip().upper() in set(Tier):
        return old.strip().upper(), Ground(N_("cùng mức, viết hoa"))
    return DROPPED, Ground(N_("mức chỉ là đề nghị; để trống thì phòng phân loại"))


def _revision(members: Members, pointer: str, old: Any) -> Found:
    if isinstance(old, str) and old.isascii() and old.isdigit():
        return int(old), Ground(N_("số nguyên, không đặt trong ngoặc kép"))
    return None


def _next_revision(members: Members, pointer: str, old: Any) -> Found:
    said = N_("bản sửa %(number)s đã nhận với nội dung khác; bản mới hơn thay bản đó")
    return (old + 1, Ground(said, {"number": str(old)})) if isinstance(old, int) else None


def _new_id(members: Members, pointer: str, old: Any) -> Found:
    said = N_("mã này đã dùng cho nội dung khác; nội dung mới cần mã mới")
    return (f"{old}-2", Ground(said)) if isinstance(old, str) else None


def _cleaned(members: Members, pointer: str, old: Any) -> Found:
    kept = FORBIDDEN_IN_LINE.sub("", old).strip() if isinstance(old, str) else ""
    return (kept, Ground(N_("bỏ ký tự không nhìn thấy"))) if kept else None


def _as_words(members: Members, pointer: str, old: Any) -> Found:
    is_number = isinstance(old, int) and not isinstance(old, bool)
    return (str(old), Ground(N_("chữ, đặt trong ngoặc kép"))) if is_number else None


def _address(members: Members, pointer: str, old: Any) -> Found:
    if isinstance(old, str) and re.fullmatch(r"www\.[a-z0-9.-]+(/[^\s]*)?", old.strip(), re.IGNORECASE):
        return f"https://{old.strip()}", Ground(N_("địa chỉ bắt đầu bằng https://"))
    return DROPPED, Ground(N_("trang giới thiệu không bắt buộc"))


_OF_THE_SCHOOL = Ground(N_("giờ Việt Nam, múi giờ của trường; hỏi nguồn gửi nếu chưa chắc"))
_RULES: dict[str, Callable[[Members, str, Any], Found]] = {
    "instant-malformed": _instant,
    "time-malformed": _instant,
    "tier-unknown": _tier,
    "revision-invalid": _revision,
    "revision-conflict": _next_revision,
    "id-reused": _new_id,
    "text-bidi": _cleaned,
    "text-character": _cleaned,
    "text-expected": _as_words,
    "url-invalid": _address,
}
