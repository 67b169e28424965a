"""What people do in monitoring, by the names that the log of acts has for it; it must never leave one without words."""

from services.chassis.web.i18n import N_

ACT_NAMES = {
    "event-recorded": N_("Ghi nhận sự kiện"),
    "file-uploaded": N_("Tải tệp sự kiện lên"),
    "file-imported": N_("Nhận sự kiện từ tệp"),
    "file-dropped": N_("Bỏ tệp đã tải lên"),
    "event-classified": N_("Phân loại sự kiện"),
    "event-merged": N_("Gộp hoặc bỏ gộp sự kiện"),
    "events-kept-apart": N_("Giữ hai sự kiện riêng"),
    "event-answered": N_("Xác nhận sự kiện"),
    "obligation-waived": N_("Miễn nghĩa vụ"),
    "waiver-revoked": N_("Thu hồi miễn"),
    "calendar-issued": N_("Ban hành lịch nghỉ"),
    "policy-issued": N_("Ban hành quy tắc hạn"),
    "directive-issued": N_("Ra chỉ đạo"),
    "directive-acknowledged": N_("Xác nhận đã đọc chỉ đạo"),
    "directive-closed": N_("Đóng chỉ đạo"),
    "cause-set": N_("Nêu nguyên nhân"),
    "message-replayed": N_("Chạy lại thông điệp cách ly"),
    "message-discarded": N_("Loại bỏ thông điệp cách ly"),
    "mail-sent-again": N_("Gửi lại thư nhắc"),
    "token-issued": N_("Cấp khóa truy cập"),
    "token-replaced": N_("Đổi khóa truy cập"),
    "token-revoked": N_("Thu hồi khóa truy cập"),
}
