"""What the year's report says, in the official language, from the frozen year alone; pure.

Never told by a clock, an account or a reader: the same report gives the same words.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from contracts.codes import State
from contracts.reference import Reference
from services.reporting.documents import tables
from services.reporting.documents.letterhead import Letterhead
from services.reporting.documents.paper import Appendix, Block, Heading, Listing, Paper, Paragraph
from services.reporting.documents.tables import SAID, fraction, hours, percent_of
from services.reporting.report import focal_events, is_removed_miss
from services.reporting.school_years import LOCAL, YearDates, local_day, opening_of
from services.reporting.snapshot import Snapshot
from services.reporting.state import Issued, Proposal

CUT_TITLES = {
    "requirement": ("Theo yêu cầu kênh", "Yêu cầu"),
    "month": ("Theo tháng của sự kiện", "Tháng"),
    "topic_area": ("Theo mảng chủ đề", "Mảng chủ đề"),
    "unit": ("Theo đơn vị", "Đơn vị"),
    "tier": ("Theo mức của sự kiện", "Mức"),
}
WORK = "công tác thông tin tuyên truyền"
BLANK = "……"


@dataclass(frozen=True, slots=True)
class Matter:
    """What a document is made from: a frozen year that was issued, or a live one, of which it is a draft."""

    shown: Snapshot
    issued: Issued | None
    proposals: tuple[Proposal, ...]
    dates: YearDates
    reference: Reference

    @property
    def made_at(self) -> datetime:
        """When the document counts as made: at the issue; a draft, at the opening of the day that it shows."""
        return self.issued.issued_at.astimezone(LOCAL) if self.issued else opening_of(local_day(self.shown.as_of))

    @property
    def year(self) -> str:
        """The school year."""
        return self.shown.school_year


def paper_of(matter: Matter, head: Letterhead) -> Paper:
    """The report as a document. Source: 5.1, R18"""
    day = matter.made_at.date()
    number = f"Số: {BLANK}/{head.symbol}"
    return Paper(
        school="\n".join(head.school).upper(),
        office=head.office.upper(),
        number=number,
        dated=f"{head.place}, {_day_in_words(day if matter.issued else None)}",
        name="BÁO CÁO",
        subject=f"Kết quả thực hiện {WORK} năm học {matter.year}",
        bases=tuple(_bases(matter, head)),
        blocks=tuple(_blocks(matter, head)),
        appendices=_appendices(matter, head),
        signer=head.signer.upper(),
        recipients=head.recipients,
        is_draft=matter.issued is None,
        made_at=matter.made_at.isoformat(timespec="seconds"),
    )


def _day_in_words(day: date | None) -> str:
    return f"ngày {day:%d} tháng {day:%m} năm {day.year}" if day else f"ngày {BLANK} tháng {BLANK} năm {BLANK}"


def _bases(matter: Matter, head: Letterhead) -> Iterator[str]:
    """Source: 1.1, 1.2, 1.3, 5.1"""
    yield f"Căn cứ Quy trình thực hiện {WORK} của {' '.join(head.school)};"
    yield f"Căn cứ Chính sách chất lượng của Trường và Mục tiêu chất lượng năm học {matter.year};"
    office_plan = f"Căn cứ Kế hoạch công tác của {head.office} trong năm học {matter.year}"
    if matter.shown.figures["approval_lead_time"]["of"]:
        yield f"{office_plan};"
        yield f"Căn cứ Kế hoạch thông tin tuyên truyền năm học {matter.year} đã được duyệt."
    else:
        yield f"{office_plan}."


def _blocks(matter: Matter, head: Letterhead) -> Iterator[Block]:
    first, last = SAID.date(matter.dates.starts_on), SAID.date(matter.dates.ends_on)
    yield Paragraph(
        f"{head.office} báo cáo kết quả thực hiện {WORK} năm học {matter.year} (từ {first} đến {last}), "
        f"số liệu tính đến {_until(matter)}, như sau:"
    )
    yield from _whole(matter)
    yield from _parts(matter)
    yield from _removed(matter)
    yield from _proposed(matter)
    yield from _proof(matter)


def _until(matter: Matter) -> str:
    return SAID.due(matter.issued.cut_off_at) if matter.issued else f"ngày {SAID.date(matter.shown.as_of)} (bản nháp)"


def _whole(matter: Matter) -> Iterator[Block]:
    figures = matter.shown.figures
    yield Heading("I. KẾT QUẢ CHUNG", 1)
    yield Heading("1. Tỷ lệ đúng hạn")
    yield Paragraph(
        "Tỷ lệ đúng hạn = đúng hạn ÷ (đúng hạn + trễ + quá hạn); nghĩa vụ còn chờ, được miễn hoặc hủy ở ngoài mẫu số. "
        f"Cả năm {percent_of(figures['on_time'])} đúng hạn, {fraction(figures['on_time'])} nghĩa vụ đã tới hạn."
    )
    yield tables.of_rates(figures)
    yield Heading("2. Trạng thái các nghĩa vụ")
    yield tables.of_states(figures)
    if figures["undated"]:
        undated = SAID.number(figures["undated"])
        yield Paragraph(f"{undated} nghĩa vụ chưa có hạn vì chưa có lịch nghỉ; không nằm trong tỷ lệ nào.")
    yield Heading("3. Sự kiện, tin bài và kế hoạch")
    yield Listing(tuple(f"{name}: {said}." for name, said in _work(matter)))


def _work(matter: Matter) -> Iterator[tuple[str, str]]:
    figures, number = matter.shown.figures, SAID.number
    events, plan, sent = figures["events"], figures["plan_on_time"], figures["contributors"]
    unconfirmed = f"; {number(events['unconfirmed'])} sự kiện chưa rõ có diễn ra" if events["unconfirmed"] else ""
    yield (
        "Sự kiện đã diễn ra",
        f"{number(events['held'])}, trong đó {number(events['unplanned'])} ngoài kế hoạch{unconfirmed}",
    )
    shown = figures["publications"]
    channels = "; ".join(f"{tables.named(name)} {number(count)}" for name, count in shown["by_channel"].items())
    yield "Tin bài đã đăng", f"{number(shown['shown'])}{f' ({channels})' if channels else ''}"
    for figure in ("hours_to_publish", "notice_lag"):
        found = figures[figure]
        yield tables.FIGURE_NAMES[figure], f"trung vị {hours(found['median'])}, của {number(found['of'])} sự kiện"
    when = {None: "chưa trình", True: "trình đúng hạn", False: "trình trễ"}[plan["on_time"]]
    at = f" ({SAID.instant(plan['submitted_at'])})" if plan["submitted_at"] else ""
    lead = f"duyệt trong {hours(figures['approval_lead_time']['median'])}"
    yield "Kế hoạch năm", f"{when}{at}, hạn {SAID.due(plan['due_at'])}; {lead}"
    done = figures["plan_execution"]
    yield "Kế hoạch thường xuyên", f"{percent_of(done)}, {fraction(done)} lần tới kỳ đã làm"
    if figures["unread_items"]:
        yield "Mục có lịch lặp không đọc được nên chưa tính", "; ".join(figures["unread_items"])
    yield "Cộng tác viên", f"{number(sent['active'])} người đã gửi {number(sent['submitted'])} bài"
    failed = figures["delivery_failures"]
    yield "Lần gửi kênh hỏng", f"{percent_of(failed)}, {fraction(failed)}"
    found = matter.shown.observed
    lag = "–" if found["median_lag_s"] is None else number(found["median_lag_s"])
    told = (
        f"{number(found['announced'])} lần báo, {number(found['withdrawn'])} lần rút lại, trung vị {lag} giây sau hạn"
    )
    yield "Phát hiện quá hạn", f"{told} (đo lúc vận hành, không nằm trong mã băm)"


def _parts(matter: Matter) -> Iterator[Block]:
    shown = matter.shown
    yield Heading("II. KẾT QUẢ CHI TIẾT", 1)
    if not shown.obligations:
        yield Paragraph("Chưa có nghĩa vụ nào.")
        return
    for n, (by, (title, column)) in enumerate(CUT_TITLES.items(), 1):
        yield Heading(f"{n}. {title}")
        if by == "month":
            yield tables.of_months(shown.cuts[by], matter.dates)
        yield tables.of_cut(shown.cuts[by], by, title=column, reference=matter.reference)
    yield Heading("6. Nguyên nhân trễ và quá hạn")
    if any(shown.figures["causes"].values()):
        yield tables.of_causes(shown.figures)
        yield Paragraph("Từng nghĩa vụ trễ và quá hạn nêu ở Phụ lục kèm theo.")
    else:
        yield Paragraph("Không có nghĩa vụ trễ hay quá hạn.")
    yield Heading("7. Sự kiện trọng điểm, tin trước và sau")
    focal, events = shown.figures["focal"], focal_events(shown.obligations)
    said = (
        (name, focal[part]) for part, name in (("pre", "có tin trước"), ("post", "có tin sau"), ("both", "đủ cả hai"))
    )
    covered = "; ".join(f"{name} {fraction(ratio)}" for name, ratio in said)
    yield Paragraph(f"Trong các sự kiện đã tới hạn: {covered}. {focal['without_pre']} sự kiện không mở tin trước.")
    if events:
        yield tables.of_focal(events)


def _removed(matter: Matter) -> Iterator[Block]:
    """Source: A3, R20 (what was taken away after due is listed by name)"""
    rows = [row for row in matter.shown.obligations if is_removed_miss(row)]
    yield Heading("III. MIỄN HOẶC PHÂN LOẠI LẠI SAU HẠN", 1)
    if not rows:
        yield Paragraph("Không có nghĩa vụ nào được miễn hoặc phân loại lại sau hạn.")
        return
    yield Paragraph(f"Cách tính chặt coi {SAID.number(len(rows))} nghĩa vụ sau là quá hạn:")
    yield tables.of_removed(sorted(rows, key=lambda row: (row.removed_at or "", row.title, row.obligation_id)))


def _proposed(matter: Matter) -> Iterator[Block]:
    """Source: 5.2, R19"""
    yield Heading("IV. ĐỀ XUẤT CẢI TIẾN", 1)
    if not matter.proposals:
        yield Paragraph("Đến khi lập báo cáo chưa có đề xuất nào gắn với một khoảng cách đo được.")
        return
    yield Paragraph("Mỗi đề xuất gắn với một khoảng cách đo được và là căn cứ của kế hoạch năm học sau:")
    yield tables.of_proposals(matter.proposals, matter.reference)


def _proof(matter: Matter) -> Iterator[Block]:
    """Source: R18"""
    yield Heading("V. KIỂM CHỨNG SỐ LIỆU", 1)
    if matter.issued is None:
        yield Paragraph("Đây là bản nháp: số liệu còn đổi đến khi phát hành. Mã băm của số liệu lúc này:")
    else:
        yield Paragraph(
            f"Số liệu và từng dòng phía sau được đóng băng khi phát hành, lúc {SAID.instant(matter.issued.issued_at)}, "
            "dưới mã băm:"
        )
    yield Paragraph(matter.shown.digest, is_code=True)
    rows = (len(matter.shown.obligations), len(matter.shown.events), len(matter.shown.occurrences))
    counts = "{} nghĩa vụ, {} sự kiện, {} lần thường xuyên".format(*(SAID.number(count) for count in rows))
    what = f"gồm năm học, các con số, các bảng và từng dòng ({counts})"
    yield Paragraph(f"Mã băm là SHA-256 của JSON chuẩn RFC 8785, {what}.")
    if matter.issued:
        yield Paragraph("Kiểm chứng lại bằng một trong hai cách:")
        yield Listing(
            (
                f"Mở trang /reports/{matter.year} của phần mềm: trang dựng lại năm học từ nhật ký sự kiện và ghi "
                "“Dựng lại từ nhật ký: khớp”, hoặc nêu từng nghĩa vụ khác.",
                f"Gọi GET /api/reports/{matter.year}: issued.digest phải là mã băm trên, issued.rebuilt.digest là mã "
                "băm dựng lại từ nhật ký. Thay đổi sau ngày chốt và đề xuất nêu sau khi phát hành ở cùng trang.",
            )
        )


def _appendices(matter: Matter, head: Letterhead) -> tuple[Appendix, ...]:
    failed = sum(row.state in (State.LATE, State.MISSED) for row in matter.shown.obligations)
    if not failed:
        return ()
    day = _day_in_words(matter.made_at.date() if matter.issued else None)
    note = f"(Kèm theo Báo cáo số {BLANK}/{head.symbol} {day} của {head.office})"
    said = Paragraph(f"{SAID.number(failed)} nghĩa vụ, theo hạn.")
    rows = tables.of_failures(matter.shown.obligations, matter.reference)
    return (Appendix("Phụ lục", "CÁC NGHĨA VỤ TRỄ VÀ QUÁ HẠN", note, (said, rows)),)
