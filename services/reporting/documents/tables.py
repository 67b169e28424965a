"""Figures and rows of a year as tables in the official language; pure.

Never a number that the report's page does not show too.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from contracts.codes import NAMES, Cause, Phase, State
from contracts.reference import Reference
from services.chassis.web.formats import Formats
from services.reporting.documents.paper import Bar, Chart, Column, Table
from services.reporting.report import Figures, Focal
from services.reporting.rows import Row
from services.reporting.school_years import YearDates
from services.reporting.sources.followed import followed
from services.reporting.state import Proposal

# Nothing in a document is told by the clock, so that the same year gives the same bytes.
SAID = Formats("vi", lambda: datetime.min.replace(tzinfo=UTC))
RATE_NAMES = {
    "on_time": ("Mặc định", "hạn 3 ngày lịch, dời qua ngày nghỉ"),
    "strict": ("Chặt", "hạn đúng 3 ngày lịch, không dời; miễn hoặc phân loại lại sau hạn tính là quá hạn"),
    "working_day": ("Ngày làm việc", "hạn 3 ngày làm việc"),
    "fault_adjusted": ("Trừ khách quan", "như mặc định, bỏ các lần báo sự kiện muộn"),
}
FIGURE_NAMES = {
    **{rate: f"Tỷ lệ đúng hạn, cách tính {name.lower()}" for rate, (name, _) in RATE_NAMES.items()},
    "plan_execution": "Thực hiện kế hoạch thường xuyên",
    "delivery_failures": "Lần gửi kênh hỏng",
    "focal_pre": "Trọng điểm có tin trước",
    "focal_post": "Trọng điểm có tin sau",
    "focal_both": "Trọng điểm đủ trước, sau",
    "hours_to_publish": "Giờ từ lúc kết thúc đến tin đầu tiên",
    "notice_lag": "Giờ từ lúc kết thúc đến khi được báo",
    "approval_lead_time": "Giờ từ khi trình đến khi duyệt kế hoạch",
}
_IN_HOURS = ("hours_to_publish", "notice_lag", "approval_lead_time")
_STEPS = (1, 2, 3, 5, 8, 10, 20, 30, 50, 80, 100, 200, 300, 500, 800, 1000, 2000, 5000, 10000)


def named(code: str) -> str:
    """The name of a code; an unknown code is shown as it is."""
    return NAMES.get(code, {}).get("vi", code)


def percent_of(ratio: Figures) -> str:
    """A ratio as 93,2 %; a dash of nothing."""
    return SAID.percent(ratio["numerator"] / ratio["denominator"]) if ratio["denominator"] else "–"


def fraction(ratio: Figures) -> str:
    """A ratio as 41/44."""
    return f"{SAID.number(ratio['numerator'])}/{SAID.number(ratio['denominator'])}"


def hours(value: float | None) -> str:
    """A length in hours; a dash when none is known."""
    return "–" if value is None else f"{SAID.number(value, 1 if value < 10 else 0)} giờ"


def of_rates(figures: Figures) -> Table:
    """The four rates with numerator and denominator."""
    head = (Column("Cách tính", 1.3), Column("Đúng hạn", 1, True), Column("Đã tới hạn", 1, True))
    rows = [
        (name, SAID.number(figures[rate]["numerator"]), SAID.number(figures[rate]["denominator"]),
         percent_of(figures[rate]), means)
        for rate, (name, means) in RATE_NAMES.items()
    ]  # fmt: skip
    return Table((*head, Column("Tỷ lệ", 0.9, True), Column("Nghĩa là", 3)), tuple(rows))


def of_states(figures: Figures) -> Table:
    """How many obligations stand in each state."""
    counted = {State.ON_TIME, State.LATE, State.MISSED}
    rows = [
        (state.vi, SAID.number(figures["counts"][state]), "có" if state in counted else "không")
        for state in (State.ON_TIME, State.LATE, State.MISSED, State.OPEN, State.WAIVED, State.VOID)
    ]
    return Table((Column("Trạng thái", 2), Column("Số nghĩa vụ", 1, True), Column("Trong mẫu số", 1)), tuple(rows))


def of_cut(rows: Iterable[Figures], by: str, *, title: str, reference: Reference) -> Table:
    """The four rates of each requirement, month, topic area, unit or tier, and what is late, missed, open."""
    states = (State.LATE, State.MISSED, State.OPEN)
    rates = (Column(name, 1.25, True) for name, _ in RATE_NAMES.values())
    head = (Column(title, 2.4), *rates, *(Column(state.vi, 0.75, True) for state in states))
    said = [
        (key_name(by, row["key"], reference),
         *(f"{percent_of(row[rate])}\n{fraction(row[rate])}".removesuffix("\n0/0") for rate in RATE_NAMES),
         *(SAID.number(row["counts"][state]) for state in states))
        for row in rows
    ]  # fmt: skip
    return Table(head, tuple(said))


def key_name(by: str, key: str, reference: Reference) -> str:
    """The name of a requirement, month, topic area, unit or tier."""
    if not key:
        return "không rõ"
    if by == "topic_area":
        return reference.topic_name(key, "vi")
    if by == "unit":
        return reference.unit_name(key, "vi")
    return f"Tháng {int(key[5:])}/{key[:4]}" if by == "month" else named(key)


def of_causes(figures: Figures) -> Table:
    """Why obligations were late or missed, the most frequent first."""
    found = sorted(((count, cause) for cause, count in figures["causes"].items() if count), reverse=True)
    rows = [(named(c), SAID.number(n), "khách quan" if c == Cause.LATE_NOTICE else "") for n, c in found]
    return Table((Column("Nguyên nhân", 2), Column("Số lần", 1, True), Column("Ghi chú", 1)), tuple(rows))


def of_focal(events: Sequence[Focal]) -> Table:
    """The focal events with their news before and after."""
    rows = [(one.title, *(named(state) if state else "–" for state in (one.before, one.after))) for one in events]
    return Table((Column("Sự kiện", 4), Column("Tin trước", 1), Column("Tin sau", 1)), tuple(rows))


def of_removed(rows: Sequence[Row]) -> Table:
    """What a person waived or classified away after it was due, by name."""
    head = (Column("TT", 0.5, True), Column("Sự kiện", 3), Column("Yêu cầu", 1.4))
    said = [
        (str(n), row.title, named(row.requirement), "miễn" if row.removed == State.WAIVED else "phân loại lại",
         SAID.instant(row.removed_at), row.reason or "không ghi")
        for n, row in enumerate(rows, 1)
    ]  # fmt: skip
    return Table((*head, Column("Việc", 1), Column("Lúc", 1.4), Column("Lý do", 2)), tuple(said))


def of_proposals(proposals: Iterable[Proposal], reference: Reference) -> Table:
    """Improvements, the gaps that they answer, and who sees to each."""
    rows = []
    for one in followed(proposals, {}):
        gap, owner = one.proposal.gap, reference.unit_name(one.proposal.owner, "vi") or "chưa định"
        rows.append(
            (one.code, f"{figure_name(gap.figure)}: {measured(gap.figure, gap.value)}", one.proposal.text, owner)
        )
    columns = (Column("Mã", 0.6), Column("Khoảng cách đo được", 2), Column("Đề xuất", 3.4), Column("Chủ trì", 1.4))
    return Table(columns, tuple(rows))


def figure_name(figure: str) -> str:
    """The name of a figure that an improvement is tied to."""
    for prefix, name in (("cause.", "Nguyên nhân"), ("on_time.", "Đúng hạn")):
        if figure.startswith(prefix):
            return f"{name}, {named(figure.removeprefix(prefix)).lower()}"
    return FIGURE_NAMES.get(figure, figure)


def measured(figure: str, value: float) -> str:
    """The value of a figure: hours and counts as they are, the rest as a rate."""
    if figure in _IN_HOURS:
        return hours(value)
    return f"{SAID.number(value)} lần" if figure.startswith("cause.") else SAID.percent(value)


def of_failures(rows: Iterable[Row], reference: Reference) -> Table:
    """The obligations late or missed, the earliest due first."""
    failed = sorted(
        (row for row in rows if row.state in (State.LATE, State.MISSED)),
        key=lambda row: (row.due_at or "", row.title, row.obligation_id),
    )
    head = (Column("TT", 0.7, True), Column("Sự kiện", 3), Column("Đơn vị", 2), Column("Yêu cầu", 1.6))
    tail = (Column("Hạn", 1.55), Column("Đăng lúc", 1.55), Column("Trạng thái", 0.95), Column("Nguyên nhân", 1.45))
    said = [
        (str(n), row.title, reference.unit_name(row.unit, "vi"), _asked(row), SAID.due(row.due_at),
         SAID.instant(row.discharged_at) if row.discharged_at else "–", named(row.state),
         named(row.cause or Cause.UNKNOWN))
        for n, row in enumerate(failed, 1)
    ]  # fmt: skip
    return Table((*head, *tail), tuple(said))


def _asked(row: Row) -> str:
    return named(row.requirement) + (f"\n({named(row.phase).lower()})" if row.phase == Phase.PRE else "")


def of_months(rows: Sequence[Figures], dates: YearDates) -> Chart:
    """The months of the year as bars, those without anything too; the axis has four steps."""
    found = {row["key"]: row for row in rows if row["on_time"]["denominator"]}
    months = [divmod(dates.starts_on.month - 1 + n, 12) for n in range(12)]
    keys = [f"{dates.starts_on.year + years:04}-{month + 1:02}" for years, month in months]
    bars = [_bar(key, found.get(key)) for key in keys]
    most = max(bar.on_time + bar.late + bar.missed for bar in bars)
    said = "; ".join(f"{bar.label} {bar.rate} %" for bar in bars if bar.rate)
    step = next((step for step in _STEPS if step * 4 >= most), most)
    return Chart(tuple(bars), step, f"Tỷ lệ đúng hạn theo tháng: {said or 'chưa có'}.")


def _bar(key: str, row: Figures | None) -> Bar:
    label = f"T{int(key[5:])}"
    if row is None:
        return Bar(label, 0, 0, 0, "")
    counts = row["counts"]
    rate = percent_of(row["on_time"]).removesuffix("%").rstrip()
    return Bar(label, counts[State.ON_TIME], counts[State.LATE], counts[State.MISSED], rate)
