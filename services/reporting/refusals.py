"""What the rules of reporting say when they say no: code, status, sentence and remedy in Vietnamese; pure data."""

from services.chassis.decision import Refusal, Refused
from services.chassis.web.i18n import N_

# rule -> HTTP status, where in the request, what is wrong, what to do
REFUSALS: dict[str, tuple[int, str, str, str]] = {
    "year-unknown": (404, "", N_("%(school_year)s không phải một năm học."), N_("Viết như 2025-2026.")),
    "year-empty": (409, "", N_("Năm học chưa có gì để báo cáo."), N_("Chờ sự kiện hoặc kế hoạch đầu tiên tới đây.")),
    "report-issued": (
        409,
        "",
        N_("Báo cáo đã phát hành lúc %(issued_at)s, mã băm %(digest)s; mỗi năm học một lần."),
        N_("Thay đổi sau ngày chốt nằm ở phụ lục của trang báo cáo; không cần phát hành lại."),
    ),
    "cut-off-not-reached": (
        409,
        "/cut_off_at",
        N_("Chưa tới ngày chốt %(cut_off_on)s."),
        N_("Chờ, hoặc nêu cut_off_at."),
    ),
    "cut-off-in-future": (
        422,
        "/cut_off_at",
        N_("Thời điểm chốt ở phía trước."),
        N_("Chọn lúc đã qua, hoặc để trống."),
    ),
    "cut-off-before-year": (422, "/cut_off_at", N_("Thời điểm chốt ở trước năm học."), N_("Chọn từ %(starts_on)s.")),
    "confirmation-missing": (422, "/confirmed", N_("Chưa xác nhận."), N_("Đánh dấu ô xác nhận rồi phát hành lại.")),
    "report-not-issued": (
        409,
        "/version",
        N_("Báo cáo năm học %(school_year)s chưa phát hành."),
        N_("Phát hành báo cáo, hoặc tải bản nháp của số liệu hiện tại với version=live."),
    ),
    "document-unknown": (404, "", N_("Không có tệp loại %(kind)s."), N_("Chọn một trong: %(known)s.")),
    "figure-unknown": (404, "", N_("Không có con số %(figure)s."), N_("Mở số liệu từ trang báo cáo.")),
    "gap-unmeasured": (422, "/gap/figure", N_("Báo cáo không đo %(figure)s."), N_("Chọn một trong: %(known)s.")),
    "gap-outdated": (
        409,
        "/gap/value",
        N_("Báo cáo đo %(figure)s = %(measured)s."),
        N_("Gửi giá trị đó, hoặc để trống."),
    ),
    "owner-unknown": (422, "/owner", N_("Không có đơn vị %(owner)s."), N_("Chọn một đơn vị trong danh mục.")),
}


def refuse(rule: str, **params: object) -> Refusal:
    """The refusal of a rule, its places filled at the edge."""
    _, pointer, detail, fix = REFUSALS[rule]
    return Refusal(rule, detail, pointer, fix, params)


def refused(*refusals: Refusal) -> Refused:
    """The refusals as the exception that leaves no trace of the command; the first one's status counts."""
    return Refused(*refusals, status=REFUSALS[refusals[0].rule][0])
