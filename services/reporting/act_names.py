"""What people do in reporting, by the names that the log of acts has for it; it must never leave one without words."""

from services.chassis.web.i18n import N_

ACT_NAMES = {
    "report-issued": N_("Phát hành báo cáo"),
    "improvement-proposed": N_("Đề xuất cải tiến"),
}
