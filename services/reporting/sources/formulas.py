"""How each figure is counted, in a sentence, and which version of that sentence holds; pure.

Never changed without a higher version: an issued report says by which it was counted.
"""

from typing import NamedTuple

from services.chassis.web.i18n import N_

# Source: 5.1 "báo cáo kết quả" (what is reported is defined)
_RATE = N_("đúng hạn ÷ (đúng hạn + trễ + quá hạn)")


class Formula(NamedTuple):
    """How a figure is counted, for people; version grows with every change of what is counted."""

    version: int
    said: str


FORMULAS: dict[str, Formula] = {
    "on_time": Formula(1, _RATE),
    "strict": Formula(1, _RATE),
    "working_day": Formula(1, _RATE),
    "fault_adjusted": Formula(1, _RATE),
    "all": Formula(1, N_("mọi nghĩa vụ của năm học, ở trạng thái lúc chốt số liệu")),
    "removed_after_due": Formula(1, N_("nghĩa vụ được miễn hoặc phân loại lại mà cách tính chặt coi là quá hạn")),
    "undated": Formula(1, N_("nghĩa vụ còn chờ mà chưa có lịch nghỉ để tính hạn")),
    "causes": Formula(1, N_("nghĩa vụ trễ và quá hạn, theo nguyên nhân đầu tiên đúng")),
    "events": Formula(1, N_("sự kiện đã có báo diễn ra, kết thúc trong năm học")),
    "unplanned": Formula(1, N_("sự kiện đã diễn ra mà không thuộc mục nào của kế hoạch đã duyệt")),
    "unconfirmed": Formula(1, N_("sự kiện đã kết thúc theo lịch mà chưa ai báo có diễn ra, quá 24 giờ")),
    "hours_to_publish": Formula(1, N_("trung vị số giờ từ lúc sự kiện kết thúc đến tin đầu tiên sau khi bắt đầu")),
    "notice_lag": Formula(1, N_("trung vị số giờ từ lúc sự kiện kết thúc đến khi phòng được báo")),
    "plan_execution": Formula(1, N_("lần thường xuyên đã có tin trong kỳ ÷ mọi lần đã tới kỳ")),
}
VERSIONS = {name: formula.version for name, formula in FORMULAS.items()}
