"""What the rules of planning say when they say no: status, sentence and remedy in Vietnamese; pure data."""

from services.chassis.decision import Refusal, Refused
from services.chassis.web.i18n import N_

_BASIS = N_("Thêm ít nhất một căn cứ loại này.")
_RRULE = N_("Nhập lịch lặp theo RFC 5545, như FREQ=WEEKLY;BYDAY=MO.")
_OTHER_YEAR = N_("Sửa ngày giờ hoặc lịch lặp, hoặc chuyển mục sang kế hoạch của năm học khác.")
_REOPEN = N_("Mở lại trang, xem bản mới rồi làm tiếp.")
# rule, or rule:variant -> what is wrong, what to do
REFUSALS: dict[str, tuple[str, str]] = {
    "R01:QUALITY_POLICY": (N_("Còn thiếu căn cứ “Chính sách chất lượng”."), _BASIS),
    "R01:QUALITY_OBJECTIVE": (N_("Còn thiếu căn cứ “Mục tiêu chất lượng”."), _BASIS),
    "R01:OFFICE_WORK_PLAN": (N_("Còn thiếu căn cứ “Kế hoạch công tác của phòng”."), _BASIS),
    "R01:CHANNEL_PROFILE": (N_("Còn thiếu căn cứ “Tính chất các kênh”."), _BASIS),
    "R02:INTERNAL": (N_("Chưa có kế hoạch cho kênh nội bộ nào."), N_("Thêm ít nhất một kênh nội bộ.")),
    "R02:EXTERNAL": (
        N_("Chưa có kế hoạch cho kênh bên ngoài nào."),
        N_("Thêm ít nhất một kênh bên ngoài; báo chí, phát thanh và mạng xã hội cũng là kênh bên ngoài."),
    ),
    "R02:twice": (N_("Kênh %(channel)s có hai kế hoạch."), N_("Gộp lại thành một kế hoạch cho mỗi kênh.")),
    "R03:no-routine": (N_("Chưa có mục thường xuyên nào."), N_("Thêm ít nhất một mục lặp lại theo lịch.")),
    "R03:no-focal": (N_("Chưa có mục trọng điểm nào."), N_("Thêm ít nhất một mục gắn với mốc sự kiện trọng điểm.")),
    "R03:recurrence-missing": (N_("Mục thường xuyên “%(title)s” chưa có lịch lặp."), _RRULE),
    "R03:recurrence-invalid": (
        N_("Lịch lặp của “%(title)s” không đúng RFC 5545, dày hơn hằng ngày, hoặc không bao giờ tới (%(part)s)."),
        _RRULE,
    ),
    "R03:recurrence-outside": (
        N_("Lịch lặp của “%(title)s” không có kỳ nào trong năm học %(school_year)s."),
        _OTHER_YEAR,
    ),
    "R03:recurrence-stray": (N_("Mục trọng điểm “%(title)s” lại có lịch lặp."), N_("Bỏ lịch lặp, hoặc đổi loại mục.")),
    "R03:milestone-missing": (
        N_("Mục trọng điểm “%(title)s” chưa có mốc."),
        N_("Nhập lúc bắt đầu và lúc kết thúc."),
    ),
    "R03:milestone-order": (N_("Mốc kết thúc trước khi bắt đầu."), N_("Sửa lại lúc bắt đầu hoặc lúc kết thúc.")),
    "R03:milestone-outside": (N_("Mốc của “%(title)s” kết thúc ngoài năm học %(school_year)s."), _OTHER_YEAR),
    "R03:milestone-stray": (N_("Mục thường xuyên “%(title)s” lại có mốc."), N_("Bỏ mốc, hoặc đổi loại mục.")),
    "R03:requirement-twice": (
        N_("Mục “%(title)s” nêu yêu cầu %(code)s (%(phase)s) hai lần."),
        N_("Giữ một lần cho mỗi yêu cầu và thời điểm."),
    ),
    "R03:requirement-physical": (
        N_("Mục “%(title)s” yêu cầu %(code)s, là hình thức treo, dán, in: không có thời hạn đăng."),
        N_("Bỏ yêu cầu này; lập kế hoạch cho kênh đó thay vào."),
    ),
    "R04:missing": (N_("Kênh %(channel)s chưa có nhóm cộng tác viên."), N_("Đề xuất một nhóm cho kênh này.")),
    "R04:empty": (N_("Nhóm cộng tác viên của kênh %(channel)s chưa có ai."), N_("Thêm ít nhất một cộng tác viên.")),
    "R04:twice": (N_("Mã nhóm %(group_id)s dùng hai lần."), N_("Đặt cho mỗi nhóm một mã riêng.")),
    "R05": (
        N_("Chưa đến lúc trình: báo cáo năm học %(previous)s chưa ban hành và chưa tới %(opens_on)s."),
        N_("Lưu bản nháp rồi trình từ %(opens_on)s, hoặc ngay khi báo cáo được ban hành."),
    ),
    "item-id-twice": (N_("Mã mục %(item_id)s dùng hai lần trong kế hoạch."), N_("Đặt cho mỗi mục một mã riêng.")),
    "item-id-taken": (
        N_("Mã mục %(item_id)s đã dùng ở kế hoạch khác."),
        N_("Đặt mã khác; mã mục là duy nhất trong mọi kế hoạch."),
    ),
    "school-year-far": (N_("Không lập kế hoạch cho năm học %(school_year)s được."), N_("Chọn một năm học gần đây.")),
    "content-too-large": (N_("Kế hoạch dài hơn %(limit_kb)s KB."), N_("Rút ngắn phần mục tiêu và ghi chú.")),
    "calendar-address-unknown": (
        N_("Địa chỉ lịch này không có, đã hết hạn hoặc đã bị thu hồi."),
        N_("Đăng nhập phòng Kế hoạch, mở trang Lịch của kế hoạch rồi tạo địa chỉ mới."),
    ),
    "plan-unknown": (N_("Không có kế hoạch này."), N_("Mở lại danh sách kế hoạch.")),
    "moved-too-far": (N_("Mốc dời tới ngày ngoài lịch tính được."), N_("Gõ một ngày trong năm học.")),
    "part-unknown": (N_("Kế hoạch không có phần này; có thể nó vừa bị xóa."), _REOPEN),
    "plan-under-review": (
        N_("Bản sửa %(revision)s đang chờ duyệt nên không sửa được."),
        N_("Chờ kết quả, hoặc rút kế hoạch rồi sửa."),
    ),
    "base-outdated": (N_("Bản nháp đã được người khác sửa từ lúc bạn mở."), _REOPEN),
    "submission-unneeded": (
        N_("Bản sửa %(revision)s đã trình hoặc đã duyệt, nội dung không đổi."),
        N_("Sửa nội dung trước khi trình bản mới."),
    ),
    "not-under-review": (N_("Kế hoạch không ở trạng thái chờ duyệt nên không rút được."), _REOPEN),
    "reason-missing": (N_("Chưa ghi lý do rút kế hoạch."), N_("Ghi lý do để người duyệt biết.")),
}
STATUSES = {
    "plan-unknown": 404,
    "calendar-address-unknown": 404,
    "part-unknown": 404,
    **dict.fromkeys(("plan-under-review", "base-outdated", "submission-unneeded", "not-under-review"), 409),
}


def refuse(rule: str, pointer: str = "", *, variant: str = "", **params: object) -> Refusal:
    """The refusal of a rule at a place, the places in its sentences filled at the edge."""
    detail, fix = REFUSALS[f"{rule}:{variant}" if variant else rule]
    return Refusal(rule, detail, pointer=pointer, fix=fix, params=params)


def refused(*refusals: Refusal) -> Refused:
    """The refusals as the exception that leaves no trace of the command; the first one's status counts."""
    return Refused(*refusals, status=STATUSES.get(refusals[0].rule, 422))
