"""The code lists of the wire contract, with their names in both languages.

Never the reference data of a school: units and topic areas are in `reference`.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class NamedCode(StrEnum):
    """A code with its Vietnamese and English name."""

    vi: str
    en: str

    def __new__(cls, code: str, vi: str = "", en: str = "") -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        member.vi = vi
        member.en = en
        return member


class Channel(NamedCode):
    """Where content is shown. Source: 0.5, 1.4, 3.3"""

    INTERNAL_WEB = "INTERNAL_WEB", "Website nội bộ", "Internal website"
    VI_WEB = "VI_WEB", "Website tiếng Việt", "Vietnamese website"
    EN_WEB = "EN_WEB", "Website tiếng Anh", "English website"
    UTE_TV = "UTE_TV", "Kênh UTE-TV", "UTE-TV channel"
    E_BOARD = "E_BOARD", "Bảng thông tin điện tử", "Electronic board"
    NOTICE_BOARD = "NOTICE_BOARD", "Bảng thông tin", "Notice board"
    PRESS = "PRESS", "Báo chí", "Press"
    BROADCAST = "BROADCAST", "Phát thanh, truyền hình", "Broadcast"
    SOCIAL = "SOCIAL", "Mạng xã hội", "Social networks"
    BANNER = "BANNER", "Băng rôn, khẩu hiệu", "Banners and slogans"
    PRINT = "PRINT", "Pano, áp phích, ấn phẩm", "Billboards, posters and print"


class Medium(NamedCode):
    """What kind of thing a channel is. Source: 1.4, 3.3"""

    WEBSITE = "WEBSITE", "Website", "Website"
    E_BOARD = "E_BOARD", "Bảng thông tin điện tử", "Electronic board"
    NOTICE_BOARD = "NOTICE_BOARD", "Bảng thông tin", "Notice board"
    TV_CHANNEL = "TV_CHANNEL", "Kênh truyền hình", "TV channel"
    PRESS = "PRESS", "Báo chí", "Press"
    BROADCAST = "BROADCAST", "Phát thanh, truyền hình", "Broadcast"
    SOCIAL = "SOCIAL", "Mạng xã hội", "Social networks"
    BANNER = "BANNER", "Băng rôn, khẩu hiệu", "Banners and slogans"
    PRINT_DISPLAY = "PRINT_DISPLAY", "Pano, áp phích", "Billboards and posters"


class Audience(NamedCode):
    """Whom a channel reaches. Source: 1.4, 1.5"""

    INTERNAL = "INTERNAL", "Nội bộ", "Internal"
    EXTERNAL = "EXTERNAL", "Bên ngoài", "External"
    MASS_MEDIA = "MASS_MEDIA", "Phương tiện thông tin đại chúng", "Mass media"


class RequirementCode(NamedCode):
    """What an obligation asks for: a group of channels, or one channel. Source: R11, R12, A19"""

    WEBSITE = "WEBSITE", "Website", "Website"
    E_BOARD = "E_BOARD", "Bảng thông tin điện tử", "Electronic board"
    MASS_MEDIA = "MASS_MEDIA", "Phương tiện thông tin đại chúng", "Mass media"
    INTERNAL_WEB = "INTERNAL_WEB", "Website nội bộ", "Internal website"
    VI_WEB = "VI_WEB", "Website tiếng Việt", "Vietnamese website"
    EN_WEB = "EN_WEB", "Website tiếng Anh", "English website"
    UTE_TV = "UTE_TV", "Kênh UTE-TV", "UTE-TV channel"
    NOTICE_BOARD = "NOTICE_BOARD", "Bảng thông tin", "Notice board"
    PRESS = "PRESS", "Báo chí", "Press"
    BROADCAST = "BROADCAST", "Phát thanh, truyền hình", "Broadcast"
    SOCIAL = "SOCIAL", "Mạng xã hội", "Social networks"
    BANNER = "BANNER", "Băng rôn, khẩu hiệu", "Banners and slogans"
    PRINT = "PRINT", "Pano, áp phích, ấn phẩm", "Billboards, posters and print"


class Tier(NamedCode):
    """How much an event weighs. Source: A6"""

    ROUTINE = "ROUTINE", "Thường xuyên", "Routine"
    MAJOR = "MAJOR", "Sự kiện lớn", "Major"
    FOCAL = "FOCAL", "Trọng điểm", "Focal"


class Phase(NamedCode):
    """Before or after the event. Source: 3.4, 3.6"""

    PRE = "PRE", "Trước sự kiện", "Before the event"
    POST = "POST", "Sau sự kiện", "After the event"


class State(NamedCode):
    """Where an obligation stands. Source: R20"""

    OPEN = "OPEN", "Chờ", "Open"
    ON_TIME = "ON_TIME", "Đúng hạn", "On time"
    LATE = "LATE", "Trễ", "Late"
    MISSED = "MISSED", "Quá hạn", "Missed"
    WAIVED = "WAIVED", "Miễn", "Waived"
    VOID = "VOID", "Hủy", "Void"


class Cause(NamedCode):
    """Why an obligation was missed. Source: A14"""

    LATE_NOTICE = "LATE_NOTICE", "Báo sự kiện muộn", "Late event notice"
    NO_SUBMISSION = "NO_SUBMISSION", "Chưa có bài gửi", "Nothing submitted"
    APPROVAL_DELAY = "APPROVAL_DELAY", "Duyệt chậm", "Slow approval"
    CHANNEL_FAILURE = "CHANNEL_FAILURE", "Lỗi kênh", "Channel failure"
    UNKNOWN = "UNKNOWN", "Chưa rõ", "Unknown"


class BasisKind(NamedCode):
    """What a plan rests on. Source: 1.1, 1.2, 1.3, 1.4, 5.2"""

    QUALITY_POLICY = "QUALITY_POLICY", "Chính sách chất lượng", "Quality policy"
    QUALITY_OBJECTIVE = "QUALITY_OBJECTIVE", "Mục tiêu chất lượng", "Quality objective"
    OFFICE_WORK_PLAN = "OFFICE_WORK_PLAN", "Kế hoạch công tác của phòng", "Office work plan"
    CHANNEL_PROFILE = "CHANNEL_PROFILE", "Tính chất các kênh", "Channel profiles"
    IMPROVEMENT_PROPOSAL = "IMPROVEMENT_PROPOSAL", "Đề xuất cải tiến", "Improvement proposal"


class ItemKind(NamedCode):
    """Recurring work or a focal milestone. Source: 1.7"""

    ROUTINE = "ROUTINE", "Thường xuyên", "Routine"
    FOCAL = "FOCAL", "Trọng điểm", "Focal"


class Stage(NamedCode):
    """Who reviews a plan. Source: 2.1, 2.2"""

    OFFICE = "OFFICE", "Lãnh đạo phòng", "Office heads"
    RECTORATE = "RECTORATE", "Ban Giám hiệu", "Rectorate"


class Verdict(NamedCode):
    """What a reviewer decided. Source: 2.1"""

    APPROVED = "APPROVED", "Duyệt", "Approved"
    RETURNED = "RETURNED", "Trả lại", "Returned"


class ContentKind(NamedCode):
    """What a contributor sends. Source: 0.3"""

    TEXT = "TEXT", "Tin, bài", "Text"
    PHOTO = "PHOTO", "Ảnh", "Photo"
    VIDEO = "VIDEO", "Video", "Video"


class WithdrawalReason(NamedCode):
    """Why published content was taken back."""

    CORRECTION = "CORRECTION", "Đính chính", "Correction"
    CONSENT = "CONSENT", "Rút đồng ý", "Consent withdrawn"
    RELINKED = "RELINKED", "Chuyển sang sự kiện khác", "Moved to another event"
    OTHER = "OTHER", "Lý do khác", "Other"


class DeliveryOutcome(NamedCode):
    """How a delivery to a channel failed."""

    REFUSED = "REFUSED", "Kênh từ chối", "Refused"
    UNREACHABLE = "UNREACHABLE", "Không liên lạc được", "Unreachable"
    UNKNOWN = "UNKNOWN", "Chưa rõ kết quả", "Outcome unknown"


class MissWithdrawalReason(NamedCode):
    """Why an announced miss no longer holds. Source: R20"""

    EVIDENCE = "EVIDENCE", "Có bằng chứng đăng đúng hạn", "Evidence of publication"
    REVISED = "REVISED", "Sự kiện được sửa", "Event revised"
    CANCELLED = "CANCELLED", "Sự kiện bị hủy", "Event cancelled"
    MERGED = "MERGED", "Sự kiện được gộp", "Event merged"
    CLASSIFIED = "CLASSIFIED", "Phân loại lại", "Reclassified"
    CALENDAR = "CALENDAR", "Lịch nghỉ thay đổi", "Calendar changed"
    PLAN_CHANGED = "PLAN_CHANGED", "Kế hoạch thay đổi", "Plan changed"
    WAIVED = "WAIVED", "Miễn", "Waived"


class DayUnit(NamedCode):
    """Which days a policy counts. Source: A3"""

    CALENDAR = "CALENDAR", "Ngày theo lịch", "Calendar days"
    WORKING = "WORKING", "Ngày làm việc", "Working days"


class Roll(NamedCode):
    """What happens to a due date on a rest day. Source: A3"""

    NEXT_WORKING = "NEXT_WORKING", "Dời sang ngày làm việc kế tiếp", "Moved to the next working day"
    NONE = "NONE", "Không dời", "Not moved"


class Weekday(NamedCode):
    """Days of the week as calendars name them, Monday first."""

    MON = "MON", "Thứ Hai", "Monday"
    TUE = "TUE", "Thứ Ba", "Tuesday"
    WED = "WED", "Thứ Tư", "Wednesday"
    THU = "THU", "Thứ Năm", "Thursday"
    FRI = "FRI", "Thứ Sáu", "Friday"
    SAT = "SAT", "Thứ Bảy", "Saturday"
    SUN = "SUN", "Chủ nhật", "Sunday"


@dataclass(frozen=True)
class ChannelProfile:
    """The nature of a channel. Source: 1.4, R14, R15"""

    medium: Medium
    audience: Audience
    allows_pre_event: bool = True
    is_physical: bool = False


# Source: 0.5 (INTERNAL_WEB inside; UTE_TV, EN_WEB, VI_WEB outside), 1.4 (boards inside; press, broadcast, social are
# mass media), 3.3 and R15 (physical forms), 3.7 (which channel may speak before the event), A16
CHANNELS: dict[Channel, ChannelProfile] = {
    Channel.INTERNAL_WEB: ChannelProfile(Medium.WEBSITE, Audience.INTERNAL),
    Channel.VI_WEB: ChannelProfile(Medium.WEBSITE, Audience.EXTERNAL),
    Channel.EN_WEB: ChannelProfile(Medium.WEBSITE, Audience.EXTERNAL),
    Channel.UTE_TV: ChannelProfile(Medium.TV_CHANNEL, Audience.EXTERNAL),
    Channel.E_BOARD: ChannelProfile(Medium.E_BOARD, Audience.INTERNAL),
    Channel.NOTICE_BOARD: ChannelProfile(Medium.NOTICE_BOARD, Audience.INTERNAL, is_physical=True),
    Channel.PRESS: ChannelProfile(Medium.PRESS, Audience.MASS_MEDIA),
    Channel.BROADCAST: ChannelProfile(Medium.BROADCAST, Audience.MASS_MEDIA),
    Channel.SOCIAL: ChannelProfile(Medium.SOCIAL, Audience.MASS_MEDIA),
    Channel.BANNER: ChannelProfile(Medium.BANNER, Audience.INTERNAL, is_physical=True),
    Channel.PRINT: ChannelProfile(Medium.PRINT_DISPLAY, Audience.INTERNAL, is_physical=True),
}

# Source: R15, A16 (no clock stands on a physical form, so its code is no requirement)
PHYSICAL_FORMS: frozenset[Channel] = frozenset(code for code, profile in CHANNELS.items() if profile.is_physical)

# Source: A19 (WEBSITE), 3.4 (E_BOARD), 1.4 and A10 (MASS_MEDIA)
DEFAULT_CHANNELS: dict[RequirementCode, tuple[Channel, ...]] = {
    RequirementCode.WEBSITE: (Channel.VI_WEB,),
    RequirementCode.E_BOARD: (Channel.E_BOARD,),
    RequirementCode.MASS_MEDIA: (Channel.PRESS, Channel.BROADCAST, Channel.SOCIAL),
}


def default_channels(requirement: str) -> tuple[Channel, ...]:
    """Return the channels of which any one discharges a requirement that names none.

    Raises:  ValueError when the code is neither a group nor a channel.        Source: A19, R12
    """
    return DEFAULT_CHANNELS.get(RequirementCode(requirement)) or (Channel(requirement),)


def allows_pre_event(channel: str) -> bool:
    """Say whether a channel may speak before the event. Source: 3.7, R14"""
    return CHANNELS[Channel(channel)].allows_pre_event


def is_physical(code: str) -> bool:
    """Say whether a channel or requirement code is a physical form, which opens no obligation. Source: R15, A16"""
    return code in PHYSICAL_FORMS


CODE_LISTS: tuple[type[NamedCode], ...] = (
    Channel,
    Medium,
    Audience,
    RequirementCode,
    Tier,
    Phase,
    State,
    Cause,
    BasisKind,
    ItemKind,
    Stage,
    Verdict,
    ContentKind,
    WithdrawalReason,
    DeliveryOutcome,
    MissWithdrawalReason,
    DayUnit,
    Roll,
    Weekday,
)

# By bare code, for readers that hold a text. A code of several lists has one name in all of them, but for CALENDAR and
# UNKNOWN, which mean here what the first list says that has them: ask the member itself (`.vi`, `.en`) for the other.
NAMES: dict[str, dict[str, str]] = {
    code.value: {"vi": code.vi, "en": code.en} for kind in reversed(CODE_LISTS) for code in kind
}
