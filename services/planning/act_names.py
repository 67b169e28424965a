"""What people do in planning, by the names that the log of acts has for it; it must never leave one without words."""

from services.chassis.web.i18n import N_

ACT_NAMES = {
    "plan-drafted": N_("Lập kế hoạch"),
    "plan-edited": N_("Sửa kế hoạch"),
    "plan-submitted": N_("Trình kế hoạch"),
    "plan-withdrawn": N_("Rút kế hoạch"),
    "calendar-address-made": N_("Tạo địa chỉ lịch"),
    "calendar-address-ended": N_("Thu hồi địa chỉ lịch"),
    "calendar-addresses-ended": N_("Thu hồi mọi địa chỉ lịch"),
}
