"""What people do in publishing, by the names that the log of acts has for it; it must never leave one without words."""

from services.chassis.web.i18n import N_

ACT_NAMES = {
    "content-submitted": N_("Gửi bài"),
    "content-revised": N_("Sửa bài gửi"),
    "photo-put": N_("Đặt ảnh"),
    "photo-removed": N_("Bỏ ảnh"),
    "content-published": N_("Đăng bài"),
    "publication-recorded": N_("Ghi lại việc đã đăng"),
    "content-corrected": N_("Đính chính bài"),
    "content-withdrawn": N_("Gỡ bài"),
    "content-relinked": N_("Chuyển bài"),
    "delivery-failure-reported": N_("Báo lỗi kênh"),
    "plan-acknowledged": N_("Xác nhận đã đọc kế hoạch"),
}
