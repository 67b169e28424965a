"""What the rules of publishing say when they say no: code, sentence and remedy in Vietnamese; pure data."""

from services.chassis.decision import Refusal
from services.chassis.web.i18n import N_

# rule: (what is wrong, what to do, pointer into the request)
REFUSALS: dict[str, tuple[str, str, str]] = {
    "submitters-only": (
        N_("Chỉ cộng tác viên và biên tập viên được gửi bài."),
        N_("Nhờ quản trị viên cấp vai trò cộng tác viên."),
        "",
    ),
    "own-only": (N_("Bài này do người khác gửi."), N_("Chỉ sửa bài do bạn gửi, hoặc nhờ biên tập viên sửa."), ""),
    "publishers-only": (
        N_("Chỉ biên tập viên và lãnh đạo phòng được đăng, đính chính, gỡ hoặc chuyển bài."),
        N_("Nhờ biên tập viên làm việc này."),
        "",
    ),
    "shown-already": (
        N_("Bài đang hiện trên một kênh nên không sửa bản gửi nữa."),
        N_("Dùng đính chính hoặc gỡ bài trước."),
        "",
    ),
    "nothing-changed": (N_("Chưa có gì thay đổi so với bản hiện có."), N_("Sửa nội dung rồi gửi lại."), ""),
    "published-already": (
        N_("Bài đang hiện trên kênh này rồi."),
        N_("Dùng đính chính để sửa bài đang hiện, hoặc gỡ bài trước khi đăng lại."),
        "/channel",
    ),
    "published-at-missing": (
        N_("Chưa có thời điểm kênh này hiện bài."),
        N_("Ghi ngày giờ bài hiện trên kênh."),
        "/published_at",
    ),
    "published-at-not-now": (
        N_("Kênh này đăng ngay lúc bấm, không nhận thời điểm khác."),
        N_("Bỏ thời điểm, hoặc đánh dấu là ghi lại việc đã đăng."),
        "/published_at",
    ),
    "published-at-ahead": (
        N_("Thời điểm đăng muộn hơn hiện tại quá 5 phút."),
        N_("Ghi việc đăng sau khi bài đã hiện, hoặc sửa ngày giờ."),
        "/published_at",
    ),
    "published-at-too-old": (
        N_("Thời điểm đăng trước năm 2000."),
        N_("Sửa ngày giờ bài hiện trên kênh."),
        "/published_at",
    ),
    "proof-missing": (
        N_("Chưa có địa chỉ hoặc minh chứng của bài trên kênh này."),
        N_("Ghi địa chỉ bài, hoặc gửi tệp minh chứng."),
        "/url",
    ),
    "too-early-for-channel": (
        N_("Kênh này không đăng tin trước sự kiện."),
        N_("Đăng sau khi sự kiện bắt đầu, hoặc chọn kênh khác."),
        "/channel",
    ),
    "embargo": (
        N_("Bài chưa đến thời điểm được phép đăng."),
        N_("Chờ đến thời điểm ghi trong bài gửi."),
        "/published_at",
    ),
    "not-shown": (N_("Bài không hiện trên kênh này."), N_("Chọn kênh đang hiện bài."), "/channel"),
    "relink-instead": (
        N_("Chuyển sang sự kiện khác không phải là gỡ bài."),
        N_("Dùng chức năng chuyển bài, hoặc chọn lý do khác."),
        "/reason",
    ),
    "consent-missing": (
        N_("Ảnh thấy rõ người dưới 18 tuổi nhưng chưa ghi văn bản đồng ý."),
        N_("Ghi số hoặc nơi lưu văn bản đồng ý, hoặc chọn ảnh khác."),
        "/consent_reference",
    ),
    "photo-missing": (
        N_("Chưa có tệp ảnh."),
        N_("Chọn một tệp JPEG, PNG hoặc WebP; sau khi trang báo lỗi phải chọn lại tệp."),
        "/file",
    ),
    "photo-too-heavy": (N_("Tệp ảnh lớn hơn %(megabytes)s MB."), N_("Thu nhỏ ảnh rồi gửi lại."), "/file"),
    "photo-unknown-kind": (
        N_("Tệp này không phải ảnh JPEG, PNG hoặc WebP."),
        N_("Chọn ảnh thuộc một trong ba loại đó."),
        "/file",
    ),
    "photo-too-large": (
        N_("Ảnh có quá nhiều điểm ảnh (hơn %(megapixels)s triệu)."),
        N_("Thu nhỏ ảnh rồi gửi lại."),
        "/file",
    ),
    "photo-too-small": (N_("Ảnh nhỏ hơn %(pixels)s điểm ảnh mỗi chiều."), N_("Chọn ảnh rõ hơn."), "/file"),
    "photo-polyglot": (
        N_("Tệp ảnh có chứa mã hoặc tệp khác bên trong."),
        N_("Mở ảnh và lưu lại thành JPEG rồi gửi."),
        "/file",
    ),
    "photo-damaged": (N_("Tệp ảnh bị hỏng, không đọc hết được."), N_("Gửi lại tệp gốc hoặc chọn ảnh khác."), "/file"),
    "plan-outdated": (
        N_("Kế hoạch này không có, hoặc đã có bản được duyệt mới hơn."),
        N_("Mở lại trang kế hoạch và đọc bản đang hiệu lực."),
        "/revision",
    ),
    "news-unknown": (N_("Tin này không có, hoặc đã được gỡ."), N_("Mở lại trang tin để xem các tin khác."), ""),
    "proof-unknown": (N_("Không có minh chứng này."), N_("Mở minh chứng từ trang của bài."), ""),
    "content-unknown": (N_("Không có bài này, hoặc bạn chưa có quyền xem."), N_("Kiểm tra lại địa chỉ của bài."), ""),
    "consent-withdrawn": (
        N_("Đồng ý cho dùng ảnh hoặc tên trong bài đã được rút."),
        N_("Thay hoặc bỏ ảnh rồi đăng, hoặc soạn bài khác."),
        "",
    ),
    "proof-too-heavy": (N_("Tệp minh chứng lớn hơn %(megabytes)s MB."), N_("Thu nhỏ tệp rồi gửi lại."), "/file"),
    "proof-damaged": (N_("Tệp PDF bị cắt ngang, không có phần cuối."), N_("Tải lại tệp gốc rồi gửi."), "/file"),
    "nothing-chosen": (N_("Chưa chọn mục nào để đăng."), N_("Đánh dấu ít nhất một mục."), "/item"),
    "batch-unknown": (N_("Không có lần đăng này, hoặc do người khác đăng."), N_("Mở lại bàn đăng tải."), ""),
    "nothing-filtered": (N_("Bàn đăng tải chưa lọc gì."), N_("Chọn hạn, kênh hoặc đơn vị rồi lưu."), ""),
    "name-taken": (N_("Bạn đã có bộ lọc tên này."), N_("Chọn tên khác, hoặc bỏ bộ lọc cũ trước."), "/name"),
    "filters-full": (N_("Bạn đã lưu %(most)s bộ lọc, nhiều nhất có thể."), N_("Bỏ một bộ lọc rồi lưu."), ""),
    "filter-unknown": (N_("Không có bộ lọc này."), N_("Tải lại trang: có thể đã bỏ ở nơi khác."), ""),
    "link-unreadable": (N_("Nơi chuyển đến không đọc được."), N_("Chọn một dòng trong danh sách."), "/about"),
}


def refuse(rule: str, **params: object) -> Refusal:
    """The refusal of a rule, with the values for its sentence."""
    detail, fix, pointer = REFUSALS[rule]
    return Refusal(rule, detail, pointer, fix, params)
