"""What is looked for in a page that is open: width, words of the wrong language, axe's rules, the console."""

import re
from collections.abc import Iterator
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, ConsoleMessage, Page

SIZES = {"desktop": (1440, 900), "phone": (390, 844)}
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
AXE = Axe()
ONLY_STATUS = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")

TOO_WIDE = """() => {
  const wide = document.documentElement.scrollWidth - window.innerWidth;
  if (wide <= 0) return [];
  const scrolls = (e) => { for (let p = e.parentElement; p; p = p.parentElement)
    if (getComputedStyle(p).overflowX !== 'visible') return true; return false; };
  const over = [...document.body.querySelectorAll('*')].filter(
    (e) => e.getBoundingClientRect().right > window.innerWidth + 1 && !scrolls(e));
  return [`${wide} px too wide`, ...over.slice(0, 3).map((e) => e.outerHTML.slice(0, 120))];
}"""

VIETNAMESE = """([names, words]) => {
  const letters = /[àáâãèéêìíòóôõùúýăđĩũơưạ-ỹ]/i, found = [];
  const isEnglish = (e) => (e.closest('[lang]') || document.documentElement).lang === 'en';
  const say = (e, text, known = names) => {
    const rest = known.reduce((left, name) => left.replaceAll(name, ''), text);
    if (letters.test(rest) && isEnglish(e)) found.push(`${e.tagName.toLowerCase()} ${text.trim().slice(0, 80)}`);
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement;
    const known = e.tagName === 'OPTION' ? words : names;
    if (!['SCRIPT', 'STYLE', 'TEXTAREA'].includes(e.tagName)) say(e, walker.currentNode.data, known);
  }
  for (const e of document.querySelectorAll('[title], [alt], [aria-label], [placeholder], [data-label]'))
    for (const name of ['title', 'alt', 'aria-label', 'placeholder', 'data-label'])
      if (e.hasAttribute(name)) say(e, e.getAttribute(name), words);
  say(document.querySelector('title'), document.title, words);
  return [...new Set(found)];
}"""


class Console:
    """What a page said while it was open, without the line for a status that was awaited."""

    def __init__(self, context: BrowserContext) -> None:
        self._said: list[str] = []
        context.on("console", self._hear)
        context.on("weberror", lambda error: self._said.append(str(error.error)))

    def _hear(self, said: ConsoleMessage) -> None:
        if said.type == "error":
            self._said.append(f"{said.text} {said.location.get('url', '')}")

    def take(self, address: str = "") -> list[str]:
        """What was said since the last time; `address` is that of a page that answers 4xx."""
        said, self._said = self._said, []
        return [text for text in said if not (address and ONLY_STATUS.match(text) and address in text)]


def too_wide(page: Page) -> list[str]:
    """What is wider than the window, if anything is."""
    found: list[str] = page.evaluate(TOO_WIDE)
    return found


def seen_though_hidden(page: Page) -> list[str]:
    """What a page keeps for later and shows all the same."""
    return [f"shown though hidden: {text}" for text in page.locator("[hidden]:visible").all_inner_texts()]


def vietnamese(page: Page, names: tuple[str, ...], words: tuple[str, ...]) -> list[str]:
    """Vietnamese words of an English page that are not marked as such, but people's names.

    `words` is what people wrote: where one language must do, as in the window's title and in attributes, it may stand.
    """
    found: list[str] = page.evaluate(VIETNAMESE, [list(names), list(words)])
    return found


def broken_rules(page: Page, *, but: tuple[str, ...] = ()) -> list[str]:
    """The violations that axe finds; `but` names rules that the page has a reason to break."""
    options: dict[str, Any] = {
        "runOnly": {"type": "tag", "values": RULES},
        "resultTypes": ["violations"],
        "rules": {name: {"enabled": False} for name in but},
    }
    found = AXE.run(page, options=options).response["violations"]
    return list(_sentences(found))


def _sentences(violations: list[dict[str, Any]]) -> Iterator[str]:
    for broken in violations:
        for node in broken["nodes"][:3]:
            why = (node.get("any") or node.get("all") or node.get("none") or [{}])[0].get("message", "")
            yield f"{broken['id']}: {node['html'][:160]} {why[:200]}"
