"""Which Vietnamese words of an English page are not marked as such (WCAG 3.1.2): what people wrote stays theirs."""

import re
from html.parser import HTMLParser

LETTERS = re.compile(r"[àáâãèéêìíòóôõùúýăđĩũơưạ-ỹ]", re.IGNORECASE)
EMPTY = {"area", "base", "br", "circle", "col", "hr", "img", "input", "link", "meta", "path", "rect", "source"}
# What is typed is looked at where it is shown; the window's title can have one language only.
UNSEEN = {"script", "style", "textarea", "title"}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, str]] = []
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in EMPTY:
            return
        outer = self.open[-1][1] if self.open else ""
        self.open.append((tag, dict(attrs).get("lang") or outer))

    def handle_endtag(self, tag: str) -> None:
        while tag not in EMPTY and self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        tag, language = self.open[-1] if self.open else ("", "")
        if LETTERS.search(data) and language == "en" and tag not in UNSEEN:
            self.found.append(" ".join(data.split()))


def unmarked(html: str, *names: str) -> list[str]:
    """The texts of an English page that are Vietnamese and do not say so; `names` are people's own."""
    reader = _Reader()
    reader.feed(html)
    return [text for text in reader.found if not any(name in text for name in names)]
