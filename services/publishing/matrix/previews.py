"""What a channel would show of a piece of content, or shows: a page of the news site, the lines of an electronic
board, a text to be taken along; pure, and never what no channel could show.
"""

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from contracts.codes import CHANNELS, Channel, Medium
from services.publishing.pages import NewsPage, page_of, shortened
from services.publishing.state import Content

# Letters of one width, 0.6 em, with the room above capitals that two marks one over the other need (Ẫ, Ễ, Ộ).
# Source: 3.3
ADVANCE, LINE = 0.6, 1.25
SIZES = (96, 80, 64, 56, 48, 40, 36, 32, 28, 24, 20, 16, 12, 10)
# Units: pixels of the board. Under it two marks run together: a row of lamps for each and one between them. Source: 3.3
SMALLEST_STACKED, SMALLEST = 16, 10
MARGIN = 0.04
TABS = (Channel.VI_WEB, Channel.E_BOARD, Channel.SOCIAL, Channel.PRESS)


@dataclass(frozen=True, slots=True)
class BoardProfile:
    """What an electronic board can show. Units: pixels; characters of a headline."""

    width: int
    height: int
    characters: int


@dataclass(frozen=True, slots=True)
class BoardPreview:
    """The headline as the board's lines, at the board's own pixels, and whether it can be read there.

    Shape:   size is that of the letters; is_cut says that the text does not fit at the smallest size.
    """

    profile: BoardProfile
    text: str
    lines: tuple[str, ...]
    size: int
    is_cut: bool
    stacked: str

    @property
    def is_legible(self) -> bool:
        """Whether the letters, with the marks on them, are large enough."""
        return not self.is_cut and self.size >= (SMALLEST_STACKED if self.stacked else SMALLEST)

    @property
    def is_short_enough(self) -> bool:
        """Whether the headline keeps to the board's number of characters."""
        return len(self.text) <= self.profile.characters

    @property
    def baselines(self) -> tuple[float, ...]:
        """Where the lines stand, from the top, the block in the middle of the board."""
        step = self.size * LINE
        top = (self.profile.height - step * len(self.lines)) / 2
        return tuple(round(top + step * n + self.size * (LINE + 0.68) / 2, 1) for n in range(len(self.lines)))


@dataclass(frozen=True, slots=True)
class Preview:
    """What one channel shows: exactly one of page, board and text. Shape: is_shown says that it is there already."""

    channel: Channel
    is_shown: bool
    page: NewsPage | None = None
    board: BoardPreview | None = None
    text: str = ""


def preview(content: Content, channel: Channel, profile: BoardProfile, *, now: datetime) -> Preview:
    """The content as the channel shows it, else as it would show it now. Source: 3.3, 3.4, 3.5"""
    shown = content.on(channel)
    seen = content.changed(title=shown.title, text=shown.text) if shown else content
    medium = CHANNELS[channel].medium
    if medium is Medium.WEBSITE:
        at, corrected_at = (shown.published_at, shown.corrected_at) if shown else (now, None)
        return Preview(channel, shown is not None, page=page_of(seen, at, corrected_at))
    if medium is Medium.E_BOARD:
        return Preview(channel, shown is not None, board=board(seen.title, profile))
    return Preview(channel, shown is not None, text=_text(seen, medium))


def _text(content: Content, medium: Medium) -> str:
    if medium is Medium.SOCIAL:
        return f"{content.title}\n\n{shortened(content.text)}"
    return f"{content.title}\n\n{content.text.strip()}"


def board(title: str, profile: BoardProfile) -> BoardPreview:
    """The headline in capitals, as large as the board lets it be without breaking a word. Source: 3.3"""
    text = " ".join(title.split()).upper()
    marked = "".join(dict.fromkeys(letter for letter in text if is_stacked(letter)))
    for size in SIZES:
        lines = _lines(text, int(profile.width * (1 - 2 * MARGIN) / (size * ADVANCE)))
        if lines and len(lines) * size * LINE <= profile.height:
            return BoardPreview(profile, text, lines, size, is_cut=False, stacked=marked)
    size = SIZES[-1]
    across, down = int(profile.width * (1 - 2 * MARGIN) / (size * ADVANCE)), int(profile.height / (size * LINE))
    lines = _lines(" ".join(word[: max(across, 1)] for word in text.split()), max(across, 1))[: max(down, 1)]
    return BoardPreview(profile, text, lines, size, is_cut=True, stacked=marked)


def _lines(text: str, across: int) -> tuple[str, ...]:
    """The text in lines of so many letters, none when a word is longer, spread so that no line is nearly empty."""
    words = text.split()
    if any(len(word) > across for word in words):
        return ()
    fewest = _wrapped(words, across)
    for narrower in range(max(map(len, words), default=1), across):
        even = _wrapped(words, narrower)
        if len(even) == len(fewest):
            return even
    return fewest


def _wrapped(words: list[str], across: int) -> tuple[str, ...]:
    lines: list[str] = []
    for word in words:
        if lines and len(lines[-1]) + 1 + len(word) <= across:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return tuple(lines)


def is_stacked(letter: str) -> bool:
    """Whether a letter bears two marks, of which one is a hat or a breve: Ẫ, Ễ, Ộ. Source: 3.3"""
    marks = unicodedata.normalize("NFD", letter)[1:]
    return len(marks) > 1 and "\N{COMBINING HORN}" not in marks
