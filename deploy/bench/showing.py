"""E8: pages and API on a full database, by `deploy.bench.pages`; it must never look at anybody's database."""

import os
import re
import sys

from deploy.bench.place import Place, say, watched
from deploy.bench.results import Result, judged, not_measured

ROW = re.compile(r"^(\S.{0,21}?)\s+(\d+\.\d)\s+(\d+\.\d)\s+(\d+\.\d)\s+(\d+\.\d)\s+(\d+)$", re.MULTILINE)
PROMISED_MS = 50.0


def run(place: Place, messages: int) -> list[Result]:
    """As many obligations as there are messages: half as many events."""
    events = max(1, messages // 2)
    told = {**os.environ, "MONGO_URL": place.mongo_url}
    _, _, output = watched([sys.executable, "-m", "deploy.bench.pages", str(events)], told)
    say(output)
    pages = {name.strip(): (float(p50), float(p99)) for name, p50, p99, *_ in ROW.findall(output)}
    if not pages:
        raise RuntimeError(f"no page was measured: {output[-500:]}")
    slow = {name: p99 for name, (_, p99) in pages.items() if p99 > PROMISED_MS}
    worst = max(pages, key=lambda name: pages[name][1])
    found = f"worst p99 {pages[worst][1]:.0f} ms ({worst}); {len(pages) - len(slow)} of {len(pages)} within"
    note = "; ".join(f"{name} p50 {p50:.0f}, p99 {p99:.0f}" for name, (p50, p99) in pages.items())
    why = "deploy.bench.pages has one reader"
    return [
        Result("E8", f"pages at {messages:,} obligations, 1 client", "p99 <= 50 ms", found, judged(not slow), note),
        not_measured("E8", "the same with 16 clients", "p99 <= 100 ms", why=why),
    ]
