"""The table of all benchmarks as text, as Markdown with the machine it ran on, and as a plot; it must never judge."""

import math
import os
import platform
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from xml.sax.saxutils import escape

from deploy.bench.results import Result

PARTS = ("aiokafka", "faststream", "motor", "pymongo", "pydantic", "orjson", "fastapi")
WIDTH, HEIGHT, EDGE = 720, 420, 60
COLOURS = ("#1f5fa8", "#b3541e", "#2f7d4f", "#7a3fa0")


def machine() -> str:
    """Processor, memory, system and versions in one line."""
    cpu = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), ""
    )
    memory = next((line.split()[1] for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), "0")
    parts = ", ".join(f"{name} {version(name)}" for name in PARTS)
    system = f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    return f"{cpu or platform.machine()}, {os.cpu_count()} cores, {int(memory) / 1048576:.0f} GB; {system}; {parts}"


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []


def table(results: Sequence[Result]) -> str:
    """The lines for a terminal."""
    rows = [(one.id, one.measure, one.promise, one.found, one.verdict) for one in results]
    widths = [max(len(row[n]) for row in [("", "", "", "", ""), *rows]) for n in range(5)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)


def write(folder: Path, results: Sequence[Result]) -> None:
    """Write report.md and growth.svg."""
    (folder / "report.md").write_text("\n".join(_markdown(results)) + "\n")
    series = {name: points for one in results for name, points in one.series.items() if len(points) > 1}
    if series:
        (folder / "growth.svg").write_text(plot(series))


def _markdown(results: Sequence[Result]) -> Iterator[str]:
    yield "# What was measured\n"
    yield f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, load {os.getloadavg()[0]:.1f}. {machine()}.\n"
    yield "| id | measure | promise | found | verdict |"
    yield "|---|---|---|---|---|"
    for one in results:
        yield f"| {one.id} | {one.measure} | {one.promise} | {one.found} | {one.verdict} |"
    yield ""
    for one in results:
        if one.note:
            yield f"- {one.id}, {one.measure}: {one.note}"
    if any(one.series for one in results):
        yield "\n![seconds by messages, both axes logarithmic](growth.svg)"


def plot(series: dict[str, list[list[float]]]) -> str:
    """Lines on two logarithmic axes as SVG: messages, seconds."""
    points = [point for line in series.values() for point in line]
    low, high = ([f(point[n] for point in points) for n in (0, 1)] for f in (min, max))
    first, last = (
        [round_(math.log10(value)) for value in ends] for round_, ends in ((math.floor, low), (math.ceil, high))
    )
    last = [max(end, start + 1) for start, end in zip(first, last, strict=True)]

    def at(x: float, y: float) -> tuple[float, float]:
        share = [(math.log10(v) - a) / (b - a) for v, a, b in zip((x, y), first, last, strict=True)]
        return EDGE + share[0] * (WIDTH - 2 * EDGE), HEIGHT - EDGE - share[1] * (HEIGHT - 2 * EDGE)

    drawn = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif">']
    for power in range(first[0], last[0] + 1):
        x, y = at(10.0**power, 10.0 ** first[1])
        drawn.append(f'<text x="{x:.0f}" y="{y + 20:.0f}" font-size="12" text-anchor="middle">1e{power}</text>')
    for power in range(first[1], last[1] + 1):
        x, y = at(10.0 ** first[0], 10.0**power)
        drawn.append(f'<text x="{x - 8:.0f}" y="{y + 4:.0f}" font-size="12" text-anchor="end">{10.0**power:g} s</text>')
        drawn.append(f'<path d="M{x:.0f} {y:.0f}H{WIDTH - EDGE}" stroke="#ddd"/>')
    for number, (name, line) in enumerate(series.items()):
        colour = COLOURS[number % len(COLOURS)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (at(*point) for point in sorted(line)))
        drawn.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        drawn.append(f'<text x="{EDGE + 10}" y="{EDGE + 18 * number}" fill="{colour}">{escape(name)}</text>')
    return "\n".join([*drawn, "</svg>"]) + "\n"
