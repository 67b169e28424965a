"""The report as a Word file with the layout of the PDF; it must never say anything that the paper does not.

Tables are written as XML at once: a library's cell by cell takes minutes for a year of rows.
"""

import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from docx import Document
from docx.enum.section import WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Mm, Pt
from docx.text.paragraph import Paragraph as Line
from lxml.builder import ElementMaker

from services.reporting.documents.paper import Appendix, Block, Chart, Heading, Listing, Paper, Paragraph, Table

FONT, LINE_MM = "Times New Roman", 165
TWIPS_PER_MM = 1440 / 25.4
PACKED_AT = (1980, 1, 1, 0, 0, 0)
W = ElementMaker(namespace="http://schemas.openxmlformats.org/wordprocessingml/2006/main")


def to_docx(paper: Paper, chart: bytes) -> bytes:
    """The document as DOCX, the chart as the given PNG; the same paper gives the same bytes."""
    made = Document()
    _prepare(made, paper)
    _letterhead(made, paper)
    for basis in paper.bases:
        _line(made, basis, italic=True)
    _blocks(made, paper.blocks, chart)
    _signature(made, paper)
    for appendix in paper.appendices:
        _appendix(made, appendix, chart)
    packed = io.BytesIO()
    made.save(packed)
    return _repacked(packed)


def _prepare(made: Any, paper: Paper) -> None:
    normal = made.styles["Normal"]
    normal.font.name, normal.font.size = FONT, Pt(14)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    normal.paragraph_format.space_after, normal.paragraph_format.space_before = Pt(0), Pt(0)
    at = datetime.fromisoformat(paper.made_at).astimezone(UTC).replace(tzinfo=None)
    about = made.core_properties
    about.title, about.author, about.language, about.comments = paper.subject, paper.office, "vi-VN", ""
    about.created = about.modified = at
    _page(made.sections[0], "BẢN NHÁP" if paper.is_draft else "")


def _page(section: Any, mark: str) -> None:
    """A4, the margins, and the page's number in the middle of the top margin from the second page."""
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin = section.bottom_margin = Mm(20)
    section.left_margin, section.right_margin, section.header_distance = Mm(30), Mm(15), Mm(10)
    section.different_first_page_header_footer = True
    section.first_page_header.is_linked_to_previous = section.header.is_linked_to_previous = False
    section.first_page_header.paragraphs[0].text = mark
    top = section.header.paragraphs[0]
    top.alignment = ALIGN.CENTER
    field = W.fldSimple(W.r(W.rPr(W.sz({qn("w:val"): "26"})), W.t("2")), {qn("w:instr"): "PAGE"})
    top._p.append(field)
    if mark:
        top.add_run(f"   {mark}")


def _letterhead(made: Any, paper: Paper) -> None:
    grid = made.add_table(2, 2)
    grid.autofit = False
    for column, width in zip(grid.columns, (Mm(62), Mm(103)), strict=True):
        column.width = width
        for cell in column.cells:
            cell.width = width
    left, right = grid.rows[0].cells
    _cell(left, (paper.school, 12, ""), (paper.office, 12, "b"), ("⎯" * 8, 8, ""))
    _cell(right, ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 12, "b"), ("Độc lập - Tự do - Hạnh phúc", 13, "bu"))
    _cell(grid.rows[1].cells[0], (paper.number, 13, ""))
    _cell(grid.rows[1].cells[1], (paper.dated, 13, "i"))
    for text in ("", paper.name, paper.subject):
        _line(made, text, align=ALIGN.CENTER, bold=True)
    _line(made, "⎯" * 14, align=ALIGN.CENTER, size=8)


def _cell(cell: Any, *lines: tuple[str, int, str]) -> None:
    """Lines in the middle of a cell. Shape: (text, points, letters of b, i, u)."""
    for n, (text, size, look) in enumerate(lines):
        one = cell.paragraphs[0] if n == 0 else cell.add_paragraph()
        one.alignment = ALIGN.CENTER
        run = one.add_run(text)
        run.font.size, run.bold, run.italic, run.underline = Pt(size), "b" in look, "i" in look, "u" in look


def _line(made: Any, text: str, *, align: Any = ALIGN.JUSTIFY, size: float = 14, **look: bool) -> Line:
    line: Line = made.add_paragraph()
    line.alignment = align
    if align == ALIGN.JUSTIFY:
        line.paragraph_format.first_line_indent, line.paragraph_format.space_after = Cm(1), Pt(6)
    run = line.add_run(text)
    run.font.size, run.bold, run.italic = Pt(size), look.get("bold"), look.get("italic")
    return line


def _blocks(made: Any, blocks: Iterable[Block], chart: bytes) -> None:
    for block in blocks:
        match block:
            case Heading():
                one = _line(made, block.text, align=ALIGN.LEFT, bold=True)
                one.paragraph_format.keep_with_next = True
                one.paragraph_format.space_before = one.paragraph_format.space_after = Pt(6)
            case Paragraph(is_code=True):
                _line(made, block.text, align=ALIGN.CENTER, size=11)
            case Paragraph():
                _line(made, block.text).paragraph_format.keep_with_next = block.text.endswith(":")
            case Listing():
                for item in block.items:
                    _line(made, f"- {item}")
            case Chart():
                made.add_picture(io.BytesIO(chart), width=Mm(LINE_MM - 2))
            case Table():
                made.element.body.insert_element_before(_table(block), "w:sectPr")
                _line(made, "", align=ALIGN.LEFT, size=6)


def _table(table: Table) -> Any:
    whole = sum(column.width for column in table.columns)
    size = "20" if len(table.columns) > 6 else "22"
    widths = [str(round(LINE_MM * TWIPS_PER_MM * column.width / whole)) for column in table.columns]
    made = parse_xml(
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblLayout w:type="fixed"/><w:tblCellMar>'
        '<w:left w:w="57" w:type="dxa"/><w:right w:w="57" w:type="dxa"/></w:tblCellMar></w:tblPr></w:tbl>'
    )
    made.append(W.tblGrid(*(W.gridCol({qn("w:w"): width}) for width in widths)))
    titles = ((column.title, width, "center") for column, width in zip(table.columns, widths, strict=True))
    made.append(W.tr(W.trPr(W.cantSplit(), W.tblHeader()), *(_td(*one, size=size, bold=True) for one in titles)))
    sides = ["right" if column.is_number else "left" for column in table.columns]
    for row in table.rows:
        cells = zip(row, widths, sides, strict=True)
        made.append(W.tr(W.trPr(W.cantSplit()), *(_td(*one, size=size) for one in cells)))
    return made


def _td(text: str, width: str, side: str, *, size: str, bold: bool = False) -> Any:
    look = W.rPr(*((W.b(),) if bold else ()), W.sz({qn("w:val"): size}))
    return W.tc(
        W.tcPr(W.tcW({qn("w:w"): width, qn("w:type"): "dxa"})),
        W.p(W.pPr(W.jc({qn("w:val"): side})), W.r(look, *_texts(text))),
    )


def _texts(text: str) -> Iterator[Any]:
    for n, part in enumerate(text.split("\n")):
        if n:
            yield W.br()
        yield W.t(part, {qn("xml:space"): "preserve"})


def _signature(made: Any, paper: Paper) -> None:
    _line(made, "", align=ALIGN.LEFT)
    left, right = made.add_table(1, 2).rows[0].cells
    ends = [";"] * (len(paper.recipients) - 1) + ["."]
    listed = [(f"- {name}{end}", 11, "") for name, end in zip(paper.recipients, ends, strict=True)]
    _cell(left, ("Nơi nhận:", 12, "bi"), *listed)
    for line in left.paragraphs:
        line.alignment = ALIGN.LEFT
    place = ("[Chữ ký và con dấu của cơ quan]", 12, "i")
    _cell(right, (paper.signer, 14, "b"), ("", 14, ""), place, ("", 14, ""), ("[Họ và tên]", 14, "b"))


def _appendix(made: Any, appendix: Appendix, chart: bytes) -> None:
    section = made.add_section(WD_SECTION.NEW_PAGE)
    section._sectPr.find(qn("w:pgMar")).addnext(W.pgNumType({qn("w:start"): "1"}))
    for text in (appendix.name, appendix.title):
        _line(made, text, align=ALIGN.CENTER, bold=True)
    _line(made, appendix.note, align=ALIGN.CENTER, size=13, italic=True)
    _blocks(made, appendix.blocks, chart)


def _repacked(packed: io.BytesIO) -> bytes:
    """The same files, none of them with the time at which it was packed."""
    made = io.BytesIO()
    with zipfile.ZipFile(packed) as before, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            after.writestr(zipfile.ZipInfo(name, PACKED_AT), before.read(name), zipfile.ZIP_DEFLATED)
    return made.getvalue()
