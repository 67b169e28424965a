"""What the rules of approval say when they say no: code, status, sentence and remedy in Vietnamese; pure data."""

from services.chassis.decision import Refusal, Refused
from services.chassis.web.i18n import N_

# rule, or rule:variant -> HTTP status, what is wrong, what to do
REFUSALS: dict[str, tuple[int, str, str]] = {
    "review-unknown": (
        404,
        N_("Không có kế hoạch này trong hàng chờ."),
        N_("Mở lại danh sách chờ duyệt; kế hoạch vừa trình có thể đang trên đường tới."),
    ),
    "review-closed:APPROVED": (
        409,
        N_("Bản sửa %(revision)s đã được duyệt."),
        N_("Mở lại trang để xem kết quả; muốn đổi thì người soạn trình bản sửa mới."),
    ),
    "review-closed:RETURNED": (409, N_("Bản sửa %(revision)s đã bị trả lại."), N_("Chờ người soạn trình bản sửa mới.")),
    "review-closed:WITHDRAWN": (
        409,
        N_("Người soạn đã rút bản sửa %(revision)s."),
        N_("Chờ người soạn trình bản sửa mới."),
    ),
    "hash-outdated": (
        409,
        N_("Quyết định không nêu đúng bản đang chờ duyệt (bản sửa %(revision)s, %(content_hash)s)."),
        N_("Mở lại trang, đọc bản sửa %(revision)s rồi quyết định lại."),
    ),
    "stage-role:OFFICE": (
        403,
        N_("Bước này do lãnh đạo phòng quyết định."),
        N_("Chờ người có vai trò đó, hoặc nhờ quản trị viên cấp vai trò."),
    ),
    "stage-role:RECTORATE": (
        403,
        N_("Bước này do Ban Giám hiệu quyết định."),
        N_("Chờ người có vai trò đó, hoặc nhờ quản trị viên cấp vai trò."),
    ),
    "four-eyes-drafter": (
        403,
        N_("Người soạn không tự duyệt kế hoạch của mình."),
        N_("Nhờ một người khác có cùng vai trò quyết định."),
    ),
    "four-eyes-stage": (
        403,
        N_("Bạn đã quyết định ở bước trước; mỗi bước cần một người khác."),
        N_("Nhờ một người khác có cùng vai trò quyết định."),
    ),
    "link-unknown": (
        404,
        N_("Không có liên kết này."),
        N_("Mở lại đúng liên kết đã nhận, hoặc xin phòng liên kết mới."),
    ),
    "link-ended:USED": (
        409,
        N_("Liên kết này đã dùng: quyết định đã được ghi."),
        N_("Muốn xem lại thì đăng nhập phòng Phê duyệt."),
    ),
    "link-ended:REVOKED": (409, N_("Phòng đã thu hồi liên kết này."), N_("Xin phòng liên kết mới.")),
    "link-ended:DISOWNED": (
        409,
        N_("Liên kết này đã được báo là sai người nhận và không dùng được nữa."),
        N_("Nếu là của bạn, xin phòng liên kết mới."),
    ),
    "link-expired": (409, N_("Liên kết này đã hết hạn."), N_("Xin phòng liên kết mới.")),
    "link-account": (
        403,
        N_("Tài khoản, vai trò hoặc mật khẩu của người nhận đã đổi từ khi có liên kết này."),
        N_("Xin phòng liên kết mới."),
    ),
    "link-outdated": (
        409,
        N_("Bản sửa %(revision)s đã thay bản của liên kết này."),
        N_("Xin phòng liên kết mới cho bản sửa %(revision)s."),
    ),
    "link-password": (403, N_("Mật khẩu không đúng."), N_("Gõ lại mật khẩu đăng nhập của bạn.")),
    "note-required": (422, N_("Trả lại mà chưa ghi ý kiến."), N_("Ghi rõ cần sửa gì để người soạn làm theo.")),
    "edit-none": (
        422,
        N_("Nội dung gửi lên không khác bản đang duyệt."),
        N_("Sửa rồi gửi lại, hoặc duyệt bản đang có."),
    ),
    "edit-beyond-words": (
        422,
        N_("Sửa khi duyệt chỉ đổi tên, mục tiêu, mức, kinh phí, đối tác và ghi chú."),
        N_("Muốn đổi căn cứ, kênh, mục, lịch, mốc hoặc nhóm: trả lại kèm ý kiến."),
    ),
    "edit-returned": (422, N_("Trả lại thì không kèm nội dung sửa."), N_("Ghi cần sửa gì vào ý kiến.")),
    "edit-too-large": (
        422,
        N_("Bản sửa lớn hơn %(limit_kb)s kB."),
        N_("Bỏ bớt chữ rồi gửi lại."),
    ),
    "revision-conflict": (409, N_("Bản sửa %(revision)s tới lần nữa với nội dung khác."), N_("Báo người vận hành.")),
    "content-unlike-hash": (
        422,
        N_("Nội dung nhận được không khớp mã băm %(content_hash)s."),
        N_("Cập nhật phòng Phê duyệt nếu phòng Kế hoạch mới hơn, rồi chạy lại thông điệp."),
    ),
    "sign-in-failed": (
        401,
        N_("Tên đăng nhập hoặc mật khẩu không đúng."),
        N_("Gõ lại, hoặc nhờ quản trị viên đặt lại mật khẩu."),
    ),
    "sign-in-throttled": (429, N_("Sai mật khẩu quá nhiều lần."), N_("Chờ %(wait_s)s giây rồi thử lại.")),
    "account-unknown": (404, N_("Không có tài khoản này."), N_("Mở lại danh sách tài khoản.")),
    "name-taken": (409, N_("Tên đăng nhập %(name)s đã có người dùng."), N_("Chọn tên khác.")),
    "roles-unknown": (422, N_("Không có vai trò %(roles)s."), N_("Chọn trong: %(known)s.")),
    "password-weak": (
        422,
        N_("Mật khẩu ngắn hơn %(length)s ký tự, hoặc chứa tên đăng nhập."),
        N_("Chọn một câu dài, dễ nhớ, không dùng ở nơi khác."),
    ),
    "last-administrator": (
        409,
        N_("Đây là quản trị viên cuối cùng còn hoạt động."),
        N_("Cấp vai trò quản trị viên cho một tài khoản khác trước."),
    ),
}
# Where in the request the rule points.
POINTERS = {
    "hash-outdated": "/content_hash",
    "content-unlike-hash": "/data/content_hash",
    "note-required": "/note",
    "link-password": "/password",
    "edit-none": "/content",
    "edit-beyond-words": "/content",
    "edit-returned": "/content",
    "edit-too-large": "/content",
    "name-taken": "/name",
    "roles-unknown": "/roles",
    "last-administrator": "/roles",
    "password-weak": "/password",
}
STATUSES = {name.partition(":")[0]: row[0] for name, row in REFUSALS.items()}


def refuse(rule: str, *, variant: str = "", **params: object) -> Refusal:
    """The refusal of a rule, its places filled at the edge."""
    _, detail, fix = REFUSALS[f"{rule}:{variant}" if variant else rule]
    return Refusal(rule, detail, pointer=POINTERS.get(rule, ""), fix=fix, params=params)


def refused(*refusals: Refusal) -> Refused:
    """The refusals as the exception that leaves no trace of the command; the first one's status counts."""
    return Refused(*refusals, status=STATUSES[refusals[0].rule])
