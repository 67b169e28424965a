"""The report's PDF, set by typst with the fonts that are shipped beside it; it must never read a clock or the network.

The words travel as JSON, so that no title can become markup.
"""

import json
from dataclasses import asdict
from datetime import datetime
from functools import cache
from pathlib import Path

import typst

from services.reporting.documents.paper import Chart, Paper

HERE = Path(__file__).parent
CHART_PPI = 220
# For so many runs the compiler keeps what it has set: of a long year 100 MB for each document.
KEPT_RUNS = 10


@cache
def _compiler(source: str) -> typst.Compiler:
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[HERE / "fonts"])
    return typst.Compiler(HERE / source, root=HERE, font_paths=fonts, ignore_system_fonts=True)


def to_pdf(paper: Paper) -> bytes:
    """The document as PDF; the same paper gives the same bytes."""
    words = {"paper": json.dumps(asdict(paper))}
    made_at = datetime.fromisoformat(paper.made_at)
    made = _compiler("report.typ").compile(format="pdf", sys_inputs=words, timestamp=made_at)
    assert isinstance(made, bytes)
    return made


def to_png(chart: Chart) -> bytes:
    """The chart alone as PNG."""
    words = {"chart": json.dumps(asdict(chart))}
    made = _compiler("chart.typ").compile(format="png", ppi=CHART_PPI, sys_inputs=words)
    assert isinstance(made, bytes)
    return made


def forget() -> None:
    """Push out what the compiler keeps of the documents that it has set, by runs that set nothing."""
    for _ in range(KEPT_RUNS + 1):
        _compiler("blank.typ").compile(format="pdf")
