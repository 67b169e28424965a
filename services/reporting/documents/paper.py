"""The parts that a document is made of, whatever file it becomes; pure, plain data."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the first or second level."""

    text: str
    level: Literal[1, 2] = 2
    kind: str = "heading"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph, or a line that is set apart as it is (a digest)."""

    text: str
    is_code: bool = False
    kind: str = "paragraph"


@dataclass(frozen=True, slots=True)
class Listing:
    """Short sentences, one below the other."""

    items: tuple[str, ...]
    kind: str = "listing"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table. Units: width is a share of the line."""

    title: str
    width: float = 1
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table; its head stands on each page. Shape: a row has a text for each column, lines parted by a newline."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    kind: str = "table"


@dataclass(frozen=True, slots=True)
class Bar:
    """A month of the chart: how many were on time, late, missed; and the rate in words."""

    label: str
    on_time: int
    late: int
    missed: int
    rate: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars side by side. Shape: step is the distance of the four lines; said tells the same in words."""

    bars: tuple[Bar, ...]
    step: int
    said: str
    kind: str = "chart"


Block = Heading | Paragraph | Listing | Table | Chart


@dataclass(frozen=True, slots=True)
class Appendix:
    """What comes after the signature, with a number of its own and pages of its own."""

    name: str
    title: str
    note: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """A document as Nghị định 30/2020/NĐ-CP lays it out. Shape: made_at is RFC 3339, local."""

    school: str
    office: str
    number: str
    dated: str
    name: str
    subject: str
    bases: tuple[str, ...]
    blocks: tuple[Block, ...]
    appendices: tuple[Appendix, ...]
    signer: str
    recipients: tuple[str, ...]
    is_draft: bool
    made_at: str
