"""The report as a file: what it says, how it looks by decree, and that no title can break it."""

import io
import re
import zipfile
from dataclasses import replace
from datetime import date
from functools import cache

import pytest
from docx import Document
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from pypdf import PdfReader

from contracts.reference import TOPIC_AREAS_FILE, UNITS_FILE, read_reference
from contracts.reporting import Gap
from services.reporting.documents.content import Matter, paper_of
from services.reporting.documents.files.pdf import to_pdf, to_png
from services.reporting.documents.files.word import to_docx
from services.reporting.documents.files.workbook import HEADS, to_xlsx
from services.reporting.documents.letterhead import letterhead_on, read_letterheads
from services.reporting.documents.paper import Bar, Chart, Column, Heading, Paper, Paragraph, Table
from services.reporting.documents.press import KINDS as PRESSES
from services.reporting.settings import LETTERHEADS
from services.reporting.snapshot import TABLES, Snapshot
from services.reporting.state import Issued, Proposal
from tests.reporting.builders import DATES, NOW, YEAR, a_year, assessed, at, drafted, snapshot
from tests.reporting.conftest import House

HEADS_OF_SCHOOL = read_letterheads(LETTERHEADS.read_bytes())
REFERENCE = read_reference(UNITS_FILE, TOPIC_AREAS_FILE)
MARKS = "ắằẳẵặ ếềểễệ ốồổỗộ ứừửữự ỳỷỹỵ đĐ ẮẶỄỘỰ"
HOSTILE = (
    r'#import "x" \ * _ @ <nhãn> $x^2$ `r` [a] {b} ~ -- // /* 1. = + "lời" \'tin\' #{panic()} \u{41} &amp; %s %(a)s',
    MARKS,
    "=HYPERLINK(1)",
    "x" * 300,
    "- - -",
    "Hội nghị\u00a0CCB ~ ... --- 1/2",
)

PICTURE = to_png(Chart((Bar("T9", 3, 1, 0, "75,0"),), 1, ""))


def matter(shown: Snapshot, *, is_draft: bool = False, proposals: tuple[Proposal, ...] = ()) -> Matter:
    """The matter of a report issued at the cut-off, or of its draft."""
    issued = Issued(cut_off_at=NOW, issued_at=NOW, digest=shown.digest, signed_by="truong-phong")
    return Matter(shown, None if is_draft else issued, proposals, DATES, REFERENCE)


def paper(shown: Snapshot, **given: bool) -> Paper:
    """The document of a snapshot."""
    return paper_of(matter(shown, **given), letterhead_on(HEADS_OF_SCHOOL, date(2026, 8, 15)))


def pages(made: bytes) -> list[str]:
    """The text of each page."""
    return [page.extract_text() for page in PdfReader(io.BytesIO(made)).pages]


def bare(text: str) -> str:
    """A text without blanks and without the places where a long word may be broken."""
    return re.sub(r"[\s\u200b]", "", text)


@cache
def long_year() -> Snapshot:
    """A year with something of everything, and more late duties than a page holds."""
    late = {"state": "LATE", "discharged_at": "2025-11-26 09:00", "missed_at": "2025-11-24", "cause": "APPROVAL_DELAY"}
    return snapshot(*a_year(), *(assessed(f"e{n:03}", title=f"Hội thảo số {n}", **late) for n in range(60)))


def test_the_marks_of_vietnamese_survive() -> None:
    shown = snapshot(*a_year(), assessed("m", state="MISSED", missed_at="2025-11-24", title=MARKS))
    assert MARKS in " ".join("".join(pages(to_pdf(paper(shown)))).split())


def test_the_head_is_the_decrees() -> None:
    first = " ".join(pages(to_pdf(paper(snapshot(*a_year()))))[0].split())
    for text in (
        "TRƯỜNG ĐẠI HỌC CÔNG NGHỆ KỸ THUẬT PHÒNG TRUYỀN THÔNG",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "Số: ……/BC-PTT",
        "Thành phố Hồ Chí Minh, ngày 15 tháng 08 năm 2026",
        f"BÁO CÁO Kết quả thực hiện công tác thông tin tuyên truyền năm học {YEAR}",
        "Căn cứ Quy trình thực hiện công tác thông tin tuyên truyền",
    ):
        assert text in first


def test_page_numbers_begin_on_the_second_page_and_anew_in_the_appendix() -> None:
    texts = pages(to_pdf(paper(long_year())))
    appendix = next(n for n, text in enumerate(texts) if "CÁC NGHĨA VỤ TRỄ VÀ QUÁ HẠN" in text)
    assert len(texts) - appendix > 1
    for part in (texts[:appendix], texts[appendix:]):
        assert not part[0].strip()[0].isdigit()
        assert [text.split()[0] for text in part[1:]] == [str(n) for n in range(2, len(part) + 1)]


def test_paper_and_letters_are_the_decrees() -> None:
    made = PdfReader(io.BytesIO(to_pdf(paper(long_year()))))
    fonts = set()
    for page in made.pages:
        width, height = (float(size) / 72 * 25.4 for size in page.mediabox.upper_right)
        assert (round(width), round(height)) == (210, 297)
        fonts |= {str(font.get_object()["/BaseFont"]) for font in page["/Resources"]["/Font"].values()}  # type: ignore[index]
    assert {font.split("+")[-1] for font in fonts} <= {
        f"LiberationSerif{style}" for style in ("", "-Bold", "-Italic", "-BoldItalic")
    }


def test_the_figures_are_those_of_the_report() -> None:
    text = " ".join("".join(pages(to_pdf(paper(snapshot(*a_year()))))).split())
    for told in (
        "Mặc định 3 5 60,0 %",
        "Chặt 3 6 50,0 %",
        "Trừ khách quan 3 4 75,0 %",
        "3/5 nghĩa vụ đã tới hạn",
        "Báo sự kiện muộn 1 khách quan",
        "đủ cả hai 1/1",
        "Đã có tin tổng hợp",
        snapshot(*a_year()).digest,
        "Nơi nhận:",
        "TRƯỞNG PHÒNG",
    ):
        assert told in text


def test_the_same_year_gives_the_same_bytes() -> None:
    shown = snapshot(*a_year())
    assert to_pdf(paper(shown)) == to_pdf(paper(shown))
    assert to_docx(paper(shown), PICTURE) == to_docx(paper(shown), PICTURE)
    assert to_xlsx(matter(shown)) == to_xlsx(matter(shown))
    assert PdfReader(io.BytesIO(to_pdf(paper(shown)))).metadata.creation_date == NOW  # type: ignore[union-attr]


def small(title: str) -> Paper:
    """A document of one title: as a paragraph, in a table, in a heading and as a basis."""
    whole = paper(snapshot(*a_year()))
    blocks = (Heading(title), Paragraph(title), Table((Column("Tên"),), ((title,),)))
    return replace(whole, bases=(title,), blocks=blocks, appendices=())


@pytest.mark.parametrize("title", HOSTILE)
def test_a_title_is_words_never_markup(title: str) -> None:
    text = bare("".join(pages(to_pdf(small(title)))))
    assert text.count(bare(title)) == 4
    document = Document(io.BytesIO(to_docx(small(title), PICTURE)))
    assert sum(title == line.text for line in document.paragraphs) == 3
    assert document.tables[1].rows[1].cells[0].text == title


@settings(max_examples=20, deadline=None)
@given(st.text(st.characters(min_codepoint=32, max_codepoint=126) | st.sampled_from(MARKS), min_size=1, max_size=120))
@example("\\")
@example("#")
@example("$")
@example('"]')
def test_any_title_is_found_as_it_was_written(title: str) -> None:
    assert bare(title) in bare("".join(pages(to_pdf(small(title)))))


def test_a_draft_says_so_on_every_page() -> None:
    texts = pages(to_pdf(paper(long_year(), is_draft=True)))
    assert all("BẢN NHÁP" in text for text in texts)
    assert "ngày …… tháng …… năm ……" in texts[0]
    assert not any("BẢN NHÁP" in text for text in pages(to_pdf(paper(long_year()))))


def test_a_proposal_is_told_with_its_gap() -> None:
    gap = Gap(figure="cause.LATE_NOTICE", value=1)
    one = Proposal(proposal_id="p", text="Nhắc trước 24 giờ", gap=gap, by="truong-phong", proposed_at=NOW, owner="QHDN")
    told = paper_of(matter(snapshot(*a_year()), proposals=(one,)), HEADS_OF_SCHOOL[-1])
    rows = [row for block in told.blocks if isinstance(block, Table) for row in block.rows]
    assert (
        "CT-01",
        "Nguyên nhân, báo sự kiện muộn: 1 lần",
        "Nhắc trước 24 giờ",
        REFERENCE.unit_name("QHDN", "vi"),
    ) in rows


def test_the_word_file_has_the_rows_and_page_numbers_of_the_pdf() -> None:
    made = Document(io.BytesIO(to_docx(paper(long_year()), PICTURE)))
    assert [section.different_first_page_header_footer for section in made.sections] == [True, True]
    assert "PAGE" in made.sections[0].header._element.xml
    assert len(made.tables[-1].rows) == 1 + 62
    assert {(round(s.page_width.mm), round(s.left_margin.mm)) for s in made.sections} == {(210, 30)}


def test_the_workbook_has_every_row_and_runs_none() -> None:
    shown = snapshot(*a_year(), assessed("f", title="=1+1"))
    with zipfile.ZipFile(io.BytesIO(to_xlsx(matter(shown)))) as packed:
        sheets = [name for name in packed.namelist() if name.startswith("xl/worksheets/")]
        texts = [packed.read(name).decode() for name in sheets]
    assert len(sheets) == 9
    assert sum(text.count("<row ") for text in texts[-3:]) == 3 + len(shown.obligations) + 3 + len(shown.occurrences)
    assert not any("<f>" in text for text in texts)
    assert {name for kind in TABLES.values() for name in kind._fields} == set(HEADS)


def test_the_name_of_the_school_is_that_of_the_day() -> None:
    names = [" ".join(letterhead_on(HEADS_OF_SCHOOL, day).school) for day in (date(2025, 12, 25), date(2025, 12, 26))]
    assert names == [
        "Trường Đại học Kỹ thuật",
        "Trường Đại học Công nghệ Kỹ thuật",
    ]
    assert letterhead_on(HEADS_OF_SCHOOL, date(1900, 1, 1)) == HEADS_OF_SCHOOL[0]


def test_names_that_are_valid_on_one_day_are_refused() -> None:
    with pytest.raises(ValueError, match="two letterheads"):
        read_letterheads(LETTERHEADS.read_bytes().replace(b"2025-12-25", b"2025-12-26"))
    with pytest.raises(ValueError, match="no letterhead"):
        read_letterheads(b"[]")
    with pytest.raises(ValidationError, match="valid_to is before"):
        read_letterheads(LETTERHEADS.read_bytes().replace(b"2025-12-25", b"1900-01-01"))


PAGE = f"/reports/{YEAR}"
ROLES = ("viewer", "contributor", "editor", "office_head", "rectorate", "operator", "auditor", "administrator")
OFFICE = "application/vnd.openxmlformats-officedocument"
KINDS = {
    "pdf": ("application/pdf", b"%PDF-"),
    "docx": (f"{OFFICE}.wordprocessingml.document", b"PK"),
    "xlsx": (f"{OFFICE}.spreadsheetml.sheet", b"PK"),
}


def test_a_year_with_a_plan_alone_is_told_too() -> None:
    only = snapshot(drafted())
    for kind, (_, start) in KINDS.items():
        assert PRESSES[kind].made(matter(only), HEADS_OF_SCHOOL[-1]).startswith(start)
    assert "Chưa có nghĩa vụ nào." in "".join(pages(to_pdf(paper(only))))


@pytest.mark.live
async def test_an_issued_report_is_handed_out_as_a_file_that_never_changes(house: House) -> None:
    await house.deliver(*a_year())
    head = await house.person("office_head")
    given = {"text": "Nhắc trước 24 giờ", "gap": {"figure": "cause.LATE_NOTICE"}}
    assert (await head.post(f"/api{PAGE}/proposals", json=given)).status_code == 201
    assert (await head.post(f"/api{PAGE}/issue", json={})).status_code == 201
    before = {}
    for kind, (media_type, start) in KINDS.items():
        answer = await head.get(f"{PAGE}/report.{kind}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)
        assert answer.headers["content-disposition"] == f'attachment; filename="bao-cao-{YEAR}.{kind}"'
        assert answer.content.startswith(start)
        before[kind] = answer.content
    text = "".join(pages(before["pdf"]))
    assert snapshot(*a_year()).digest in text
    assert "Nhắc trước 24 giờ" in text
    house.clock.at = at("2026-09-20 09:00")
    await head.post(f"/api{PAGE}/proposals", json=given | {"text": "Nêu sau khi phát hành"})
    await house.deliver(assessed("b", ended="2026-03-02 11:00", sequence=9, when=at("2026-08-18 08:00")))
    for kind, content in before.items():
        assert (await head.get(f"{PAGE}/report.{kind}")).content == content
    assert 'report.pdf"' in (await head.get(PAGE)).text


@pytest.mark.live
async def test_before_the_issue_there_are_words_and_a_draft(house: House) -> None:
    await house.deliver(*a_year())
    head = await house.person("office_head")
    refused = await head.get(f"{PAGE}/report.pdf", headers={"Accept": "application/json"})
    assert (refused.status_code, refused.json()["errors"][0]["rule"]) == (409, "report-not-issued")
    assert "Phát hành báo cáo" in (await head.get(f"{PAGE}/report.pdf", headers={"Accept": "text/html"})).text
    draft = await head.get(f"{PAGE}/report.pdf", params={"version": "live"})
    assert f"bao-cao-{YEAR}-ban-nhap.pdf" in draft.headers["content-disposition"]
    assert all("BẢN NHÁP" in text for text in pages(draft.content))
    page = (await head.get(PAGE, params={"lang": "en"})).text
    assert "Draft PDF" in page
    assert "report.pdf?version=live" in page
    empty = await head.get("/reports/2024-2025/report.pdf", params={"version": "live"})
    assert empty.status_code == 409
    for path in (f"{PAGE}/report.exe", "/reports/2025/report.pdf"):
        assert (await head.get(path)).status_code == 404


@pytest.mark.live
async def test_documents_are_for_those_who_read_reports(house: House) -> None:
    await house.deliver(*a_year())
    for role in ROLES:
        answer = await (await house.person(role)).get(f"{PAGE}/report.xlsx", params={"version": "live"})
        assert answer.status_code == (403 if role == "contributor" else 200), role
    assert (await house.browser().get(f"{PAGE}/report.xlsx")).status_code in (401, 303)
