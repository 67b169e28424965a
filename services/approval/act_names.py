"""What people do in approval, by the names that the log of acts has for it; it must never leave one without words."""

from services.chassis.web.i18n import N_

ACT_NAMES = {
    "plan-approved": N_("Duyệt kế hoạch"),
    "plan-returned": N_("Trả lại kế hoạch"),
    "plan-revised": N_("Sửa kế hoạch khi xem xét"),
    "link-made": N_("Tạo liên kết duyệt"),
    "link-revoked": N_("Thu hồi liên kết duyệt"),
    "link-disowned": N_("Báo liên kết sai người nhận"),
    "account-opened": N_("Mở tài khoản"),
    "account-changed": N_("Đổi tài khoản, vai trò"),
    "signed-in": N_("Đăng nhập"),
    "sign-in-failed": N_("Đăng nhập không được"),
}
