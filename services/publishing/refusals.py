"""What the rules of publishing say when they say no: code, sentence and remedy in Vietnamese; pure data."""

from services.chassis.decision import Refusal

# rule: (what is wrong, what to do, pointer into the request)
REFUSALS: dict[str, tuple[str, str, str]] = {
    "submitters-only": (
        "Chỉ cộng tác viên và biên tập viên được gửi bài.",
        "Nhờ quản trị viên cấp vai trò cộng tác viên.",
        "",
    ),
    "own-only": ("Bài này do người khác gửi.", "Chỉ sửa bài do bạn gửi, hoặc nhờ biên tập viên sửa.", ""),
    "publishers-only": (
        "Chỉ biên tập viên và lãnh đạo phòng được đăng, đính chính, gỡ hoặc chuyển bài.",
        "Nhờ biên tập viên làm việc này.",
        "",
    ),
    "shown-already": (
        "Bài đang hiện trên một kênh nên không sửa bản gửi nữa.",
        "Dùng đính chính hoặc gỡ bài trước.",
        "",
    ),
    "nothing-changed": ("Chưa có gì thay đổi so với bản hiện có.", "Sửa nội dung rồi gửi lại.", ""),
    "published-already": (
        "Bài này đang hiện trên kênh %(channel)s.",
        "Dùng đính chính để sửa bài đang hiện, hoặc gỡ bài trước khi đăng lại.",
        "/channel",
    ),
    "published-at-missing": (
        "Chưa có thời điểm kênh %(channel)s hiện bài.",
        "Ghi ngày giờ bài hiện trên kênh.",
        "/published_at",
    ),
    "published-at-not-now": (
        "Kênh %(channel)s đăng ngay lúc bấm, không nhận thời điểm khác.",
        "Bỏ thời điểm, hoặc đánh dấu là ghi lại việc đã đăng.",
        "/published_at",
    ),
    "published-at-ahead": (
        "Thời điểm đăng muộn hơn hiện tại quá 5 phút.",
        "Ghi việc đăng sau khi bài đã hiện, hoặc sửa ngày giờ.",
        "/published_at",
    ),
    "published-at-too-old": ("Thời điểm đăng trước năm 2000.", "Sửa ngày giờ bài hiện trên kênh.", "/published_at"),
    "proof-missing": (
        "Chưa có địa chỉ hoặc minh chứng của bài trên kênh %(channel)s.",
        "Ghi địa chỉ bài, hoặc tệp minh chứng kèm mã sha256.",
        "/url",
    ),
    "too-early-for-channel": (
        "Kênh %(channel)s không đăng tin trước sự kiện.",
        "Đăng sau khi sự kiện bắt đầu, hoặc chọn kênh khác.",
        "/channel",
    ),
    "embargo": ("Bài chưa đến thời điểm được phép đăng.", "Chờ đến thời điểm ghi trong bài gửi.", "/published_at"),
    "not-shown": ("Bài không hiện trên kênh %(channel)s.", "Chọn kênh đang hiện bài.", "/channel"),
    "relink-instead": (
        "Chuyển sang sự kiện khác không phải là gỡ bài.",
        "Dùng chức năng chuyển bài, hoặc chọn lý do khác.",
        "/reason",
    ),
    "consent-missing": (
        "Ảnh thấy rõ người dưới 18 tuổi nhưng chưa ghi văn bản đồng ý.",
        "Ghi số hoặc nơi lưu văn bản đồng ý, hoặc chọn ảnh khác.",
        "/consent_reference",
    ),
    "photo-missing": ("Chưa có tệp ảnh.", "Chọn một tệp JPEG, PNG hoặc WebP.", "/file"),
    "photo-too-heavy": ("Tệp ảnh lớn hơn %(megabytes)s MB.", "Thu nhỏ ảnh rồi gửi lại.", "/file"),
    "photo-unknown-kind": (
        "Tệp này không phải ảnh JPEG, PNG hoặc WebP.",
        "Chọn ảnh thuộc một trong ba loại đó.",
        "/file",
    ),
    "photo-too-large": (
        "Ảnh có quá nhiều điểm ảnh (hơn %(megapixels)s triệu).",
        "Thu nhỏ ảnh rồi gửi lại.",
        "/file",
    ),
    "photo-too-small": ("Ảnh nhỏ hơn %(pixels)s điểm ảnh mỗi chiều.", "Chọn ảnh rõ hơn.", "/file"),
    "photo-polyglot": (
        "Tệp ảnh có chứa mã hoặc tệp khác bên trong.",
        "Mở ảnh và lưu lại thành JPEG rồi gửi.",
        "/file",
    ),
    "photo-damaged": ("Tệp ảnh bị hỏng, không đọc hết được.", "Gửi lại tệp gốc hoặc chọn ảnh khác.", "/file"),
    "content-unknown": ("Không có bài này, hoặc bạn chưa có quyền xem.", "Kiểm tra lại địa chỉ của bài.", ""),
}


def refuse(rule: str, **params: object) -> Refusal:
    """The refusal of a rule, with the values for its sentence."""
    detail, fix, pointer = REFUSALS[rule]
    return Refusal(rule, detail, pointer, fix, params)
