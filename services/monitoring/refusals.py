"""What acts on events and obligations are refused for: code, status, and words in the reader's language; pure.

It must never judge.
"""

from services.chassis.decision import Refusal, Refused
from services.chassis.web.i18n import N_

# rule -> (HTTP status, what is wrong, what to do)
REFUSALS: dict[str, tuple[int, str, str]] = {
    "event-unknown": (404, N_("Không có sự kiện này."), N_("Xem lại mã sự kiện, hoặc tìm trong danh sách sự kiện.")),
    "obligation-unknown": (404, N_("Không có nghĩa vụ này."), N_("Mở lại từ trang sự kiện hoặc danh sách nghĩa vụ.")),
    "nothing-asked": (
        409,
        N_("Sự kiện này không chờ ai xác nhận."),
        N_("Tải lại trang: đã có báo cáo mới, hoặc sự kiện đã được ghi nhận."),
    ),
    "not-ended": (409, N_("Sự kiện chưa kết thúc."), N_("Xác nhận sau giờ kết thúc.")),
    "nothing-classified": (
        422,
        N_("Chưa chọn gì để phân loại."),
        N_("Chọn cấp, mảng chủ đề hoặc mục kế hoạch."),
    ),
    "topic-area-unknown": (
        422,
        N_("Không có mảng chủ đề %(code)s."),
        N_("Chọn một mảng chủ đề trong danh sách."),
    ),
    "plan-item-unknown": (
        422,
        N_("Không có mục kế hoạch %(item)s trong kế hoạch đã duyệt nào."),
        N_("Chọn một mục của kế hoạch đã duyệt, hoặc để trống."),
    ),
    "merge-with-itself": (422, N_("Một sự kiện không thể gộp vào chính nó."), N_("Chọn một sự kiện khác.")),
    "merge-closes-ring": (
        409,
        N_("Sự kiện kia đã được gộp, qua một hay nhiều bước, vào chính sự kiện này."),
        N_("Bỏ lần gộp trước rồi làm lại."),
    ),
    "already-waived": (
        409,
        N_("Nghĩa vụ này đã được miễn."),
        N_("Muốn đổi lý do, thu hồi lần miễn trước rồi miễn lại."),
    ),
    "already-discharged": (
        409,
        N_("Nghĩa vụ này đã có bài đăng từ trước, không miễn được."),
        N_("Nếu bài đăng sai, gỡ bài ở phòng Đăng tải."),
    ),
    "not-owed": (
        409,
        N_("Nghĩa vụ này đã hủy, không còn gì để làm."),
        N_("Xem lý do hủy ở trang sự kiện."),
    ),
    "directive-unknown": (
        404,
        N_("Không có chỉ đạo này, hoặc chỉ đạo không gửi cho bạn."),
        N_("Mở lại từ danh sách chỉ đạo."),
    ),
    "scope-empty": (
        422,
        N_("Chưa nêu chỉ đạo về việc gì."),
        N_("Chọn ít nhất một: sự kiện, mảng chủ đề, đơn vị hoặc kênh."),
    ),
    "unit-unknown": (422, N_("Không có đơn vị %(code)s."), N_("Chọn một đơn vị trong danh sách.")),
    "addressee-unknown": (
        422,
        N_("Không có người, đơn vị hay vai trò này."),
        N_("Chọn trong danh sách; người chưa đăng nhập thì chọn đơn vị hoặc vai trò của người đó."),
    ),
    "due-is-past": (422, N_("Hạn đã qua."), N_("Chọn một thời điểm còn ở phía trước.")),
    "not-addressed": (
        403,
        N_("Chỉ đạo này không gửi cho bạn, nên không có gì để xác nhận."),
        N_("Người nhận, hoặc người của đơn vị hay vai trò nhận, xác nhận."),
    ),
    "already-acknowledged": (409, N_("Bạn đã xác nhận chỉ đạo này."), N_("Tải lại trang để xem.")),
    "directive-closed": (
        409,
        N_("Chỉ đạo này đã đóng."),
        N_("Còn việc phải làm thì ra chỉ đạo mới."),
    ),
    "closed-by-addressee": (
        403,
        N_("Người nhận chỉ đạo không tự đóng chỉ đạo."),
        N_("Xác nhận và ghi kết quả; người ra chỉ đạo đóng."),
    ),
    "already-apart": (409, N_("Cặp này đã được xác định không phải một."), N_("Tải lại trang để xem ai xác định.")),
    "not-proposed": (
        409,
        N_("Hai sự kiện này không được đề xuất gộp: khác ngày, đơn vị hoặc tên, hoặc đã gộp."),
        N_("Tải lại trang đề xuất."),
    ),
    "not-waived": (409, N_("Nghĩa vụ này không được miễn, nên không có gì để thu hồi."), N_("Tải lại trang sự kiện.")),
}


def refuse(rule: str, pointer: str = "", **params: object) -> Refusal:
    """The refusal of a rule, its places filled at the edge."""
    _, detail, fix = REFUSALS[rule]
    return Refusal(rule, detail, pointer, fix, params)


def refused(*refusals: Refusal) -> Refused:
    """The refusals as the exception that leaves no trace of the command; the first one's status counts."""
    return Refused(*refusals, status=REFUSALS[refusals[0].rule][0])
