"""Which words of a statement went and which came; pure, and it never changes a text."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

# Beyond this a comparison word by word costs more than it tells; the texts then stand whole beside each other.
MOST_WORDS = 600
LEAST_IN_COMMON = 0.35


@dataclass(frozen=True, slots=True)
class Run:
    """A run of words. Shape: is_changed says that the other version does not have it."""

    text: str
    is_changed: bool


Runs = tuple[Run, ...]


def compared(before: str, after: str) -> tuple[Runs, Runs]:
    """The two versions as runs of words that stayed or changed; together the runs of a version are its text."""
    if not before or not after:
        return _whole(before), _whole(after)
    old, new = _words(before), _words(after)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if max(len(old), len(new)) > MOST_WORDS or matcher.ratio() < LEAST_IN_COMMON:
        return _whole(before), _whole(after)
    left: list[Run] = []
    right: list[Run] = []
    for kind, a, b, c, d in matcher.get_opcodes():
        is_changed = kind != "equal"
        left += _runs("".join(old[a:b]), is_changed=is_changed)
        right += _runs("".join(new[c:d]), is_changed=is_changed)
    return tuple(left), tuple(right)


def _words(text: str) -> list[str]:
    """Words with the blanks before them, and punctuation alone, so that a comma that came marks no word."""
    return re.findall(r"\s*(?:\w+(?:[.,/:-]\w+)*|[^\w\s])|\s+", text)


def _runs(text: str, *, is_changed: bool) -> list[Run]:
    """The run, the blanks before it apart, since a blank is no change that a reader looks for."""
    word = text.lstrip() if is_changed else text
    blank = text[: len(text) - len(word)]
    return [run for run in (Run(blank, False), Run(word, is_changed)) if run.text]


def _whole(text: str) -> Runs:
    return (Run(text, True),) if text else ()
