"""What issuing a version is refused for: code, status, and words in the reader's language; pure.

It must never judge.
"""

from services.chassis.decision import Refusal, Refused
from services.chassis.web.i18n import N_

# rule -> (HTTP status, what is wrong, what to do)
REFUSALS: dict[str, tuple[int, str, str]] = {
    "version-format": (
        422,
        N_("Tên bản %(version)s không đúng dạng."),
        N_("Viết chữ thường không dấu, dấu chấm, rồi số thứ tự, như vn-2027.1."),
    ),
    "version-used": (409, N_("Tên bản %(version)s đã dùng."), N_("Lấy số thứ tự tiếp theo, hoặc để trống.")),
    "version-unknown": (422, N_("Không có bản %(version)s."), N_("Chọn một bản trong danh sách các bản đã ban hành.")),
    "version-newer": (
        409,
        N_("Bản %(version)s vừa được ban hành sau khi bạn mở trang."),
        N_("Xem lại bản mới rồi làm lại từ đó."),
    ),
    "nothing-changes": (422, N_("Bản này không đổi gì so với đang áp dụng."), N_("Sửa ít nhất một chỗ rồi làm lại.")),
    "nothing-to-start-from": (
        422,
        N_("Chưa có lịch nghỉ nào để lấy phần còn lại."),
        N_("Gửi đủ covers, weekend và days_off."),
    ),
    "range-inverted": (422, N_("Khoảng ngày kết thúc trước khi bắt đầu."), N_("Đổi chỗ hai ngày.")),
    "range-too-long": (422, N_("Khoảng ngày dài hơn %(years)s năm."), N_("Ban hành lịch nghỉ cho từng năm.")),
    "no-working-day": (422, N_("Không còn ngày làm việc nào trong tuần."), N_("Bỏ bớt ngày nghỉ hằng tuần.")),
    "day-repeated": (422, N_("Ngày %(day)s có hai lần."), N_("Giữ lại một lần.")),
    "day-outside": (
        422,
        N_("Ngày %(day)s nằm ngoài khoảng của lịch nghỉ."),
        N_("Nới khoảng ngày, hoặc bỏ ngày này."),
    ),
    "day-nameless": (422, N_("Ngày nghỉ %(day)s chưa có tên."), N_("Nêu vì sao nghỉ, như: Quốc khánh.")),
    "day-unreadable": (
        422,
        N_("Dòng %(line)s không đọc được."),
        N_("Mỗi dòng một ngày rồi tên, như: 01/01/2027 Tết Dương lịch."),
    ),
    "make-up-on-working-day": (
        422,
        N_("Ngày làm bù %(day)s vốn là ngày làm việc."),
        N_("Ngày làm bù phải là ngày nghỉ hằng tuần, và không có trong các ngày nghỉ."),
    ),
    "make-up-for-working-day": (
        422,
        N_("Ngày %(day)s không nghỉ, nên không có gì để làm bù."),
        N_("Nêu một ngày nghỉ có tên, hoặc thêm ngày đó vào các ngày nghỉ."),
    ),
    "make-up-for-nothing": (
        422,
        N_("Ngày %(day)s là ngày nghỉ hằng tuần; làm việc hôm đó là làm bù."),
        N_("Nêu làm bù cho ngày nghỉ nào."),
    ),
    "time-zone-foreign": (422, N_("Múi giờ phải là %(zone)s."), N_("Dùng đúng múi giờ của trường.")),
    "no-rule": (422, N_("Chưa nêu cách tính hạn cho kênh nào."), N_("Nêu ít nhất một kênh.")),
    "form-is-physical": (
        422,
        N_("%(code)s không có hạn đăng."),
        N_("Bỏ kênh này: băng rôn, ấn phẩm và bảng tin giấy không tính hạn."),
    ),
    "days-too-many": (422, N_("Nhiều hơn %(most)s ngày."), N_("Nêu số ngày nhỏ hơn.")),
    "grace-too-long": (422, N_("Chờ bằng chứng lâu hơn một ngày."), N_("Nêu từ 0 đến 86400 giây.")),
}


def refuse(rule: str, pointer: str = "", **params: object) -> Refusal:
    """The refusal of a rule, its places filled at the edge."""
    _, detail, fix = REFUSALS[rule]
    return Refusal(rule, detail, pointer, fix, params)


def refused(*refusals: Refusal) -> Refused:
    """The refusals as the exception that leaves no trace of the command; the first one's status counts."""
    return Refused(*refusals, status=REFUSALS[refusals[0].rule][0])
