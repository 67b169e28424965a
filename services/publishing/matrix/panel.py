"""One cell of the desk beside the matrix: what there is, what was tried, how each channel would show it, and what can
be done; pure, and never a decision.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.codes import CHANNELS, Channel
from services.publishing.matrix.cells import Cell, DeskRow, kind_of
from services.publishing.matrix.previews import TABS, BoardProfile, Preview, preview
from services.publishing.state import Content, Deed, Entry

TRIES = (Deed.PUBLISHED, Deed.RECORDED, Deed.FAILED, Deed.CORRECTED, Deed.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Try:
    """One thing that was done on the channel. Shape: trouble is UNKNOWN or FAILED for a failure."""

    entry: Entry
    trouble: str


@dataclass(frozen=True, slots=True)
class Panel:
    """The selected cell.

    Shape:   channel is the one that what is done here is about; tabs are the channels that can be looked at; preview
             is None where there is no material. can_publish says that this system itself shows it, when asked.
    """

    row: DeskRow
    cell: Cell
    channel: Channel
    content: Content | None
    tries: tuple[Try, ...]
    tabs: tuple[Channel, ...]
    preview: Preview | None
    is_shown: bool
    is_held: bool
    can_publish: bool


@dataclass(frozen=True, slots=True)
class Looking:
    """How a cell is looked at: as which channel (None: its own), on which board, when, and what this system shows."""

    channel: Channel | None
    profile: BoardProfile
    now: datetime
    built_in: frozenset[Channel]


def panel(row: DeskRow, cell: Cell, content: Content | None, *, looking: Looking) -> Panel:
    """The cell with all that is known of it. Source: 3.2, 3.4, A5, R20"""
    channel = _own_channel(cell, content, looking.built_in)
    seen_as = looking.channel or channel
    is_shown = bool(content and any(content.on(code) for code in cell.channels))
    is_held = bool(content and content.not_before and content.not_before > looking.now)
    waits = content is not None and not is_shown and not is_held and content.consent_withdrawn_at is None
    return Panel(
        row=row,
        cell=cell,
        channel=channel,
        content=content,
        tries=tries_of(content, cell.channels) if content else (),
        tabs=TABS if channel in TABS else (channel, *TABS),
        preview=preview(content, seen_as, looking.profile, now=looking.now) if content else None,
        is_shown=is_shown,
        is_held=is_held,
        can_publish=waits and channel in looking.built_in,
    )


def _own_channel(cell: Cell, content: Content | None, built_in: frozenset[Channel]) -> Channel:
    """The one that shows it, else that failed, else that the contributor named, else that this system shows itself."""
    channels = cell.channels or (Channel.VI_WEB,)
    if content is None:
        return channels[0]
    named = [content.channel] if content.channel else []
    known = [*(p.channel for p in content.shown), *content.troubles, *named, *built_in]
    return next((code for code in known if code in channels), channels[0])


def tries_of(content: Content, channels: Sequence[Channel]) -> tuple[Try, ...]:
    """What was done on the channels, the first first. Source: R20, A5"""
    done = [entry for entry in content.history if entry.channel in channels and entry.deed in TRIES]
    return tuple(Try(entry, kind_of(entry) if entry.deed is Deed.FAILED else "") for entry in done)


def channel_of(name: str) -> Channel | None:
    """The channel of that name, None for a name that is none. Source: 0.5"""
    return Channel(name) if name in CHANNELS else None
