"""What of the matrix can be given to its channels at once, and how each of them is done; pure, and never a decision."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.codes import CHANNELS, Channel
from services.publishing.decisions import ONLINE
from services.publishing.matrix.cells import Cell, DeskRow, DeskView
from services.publishing.state import Content


@dataclass(frozen=True, slots=True)
class Candidate:
    """Material that waits for a channel.

    Shape:   way is NOW (this system shows it), SAID (a person shows it, and says since when) or APART (an address, a
             proof or the choice of a channel is needed: it has a page of its own).
    """

    row: DeskRow
    cell: Cell
    content: Content
    channel: Channel
    way: str

    @property
    def key(self) -> str:
        """What a tick of the form stands for."""
        return f"{self.content.content_id}:{self.channel.value}:{self.cell.obligation_id}"

    @property
    def at_name(self) -> str:
        """The name of the field that says since when."""
        return at_name(self.content.content_id, self.channel.value)


def at_name(content_id: str, channel: str) -> str:
    """The name of the field that says since when a channel shows content. Source: A5"""
    return f"at-{content_id}-{channel}"


def candidates_of(
    view: DeskView, contents: Mapping[str, Content], built_in: frozenset[Channel], *, now: datetime
) -> list[Candidate]:
    """What waits, in the order of the matrix; the same material for the same channel once. Source: 3.4, 3.5"""
    found: dict[tuple[str, str], Candidate] = {}
    for row in view.rows:
        for cell in (row.cells[column] for column in view.columns if column in row.cells):
            content = contents.get(cell.content_id)
            if content and cell.is_ready and _may_go(content, now):
                one = _candidate(row, cell, content, built_in)
                found.setdefault((content.content_id, one.channel), one)
    return list(found.values())


def _may_go(content: Content, now: datetime) -> bool:
    return content.consent_withdrawn_at is None and not (content.not_before and content.not_before > now)


def _candidate(
    row: DeskRow, cell: Cell, content: Content, built_in: Sequence[Channel] | frozenset[Channel]
) -> Candidate:
    ours = next((code for code in cell.channels if code in built_in), None)
    if ours:
        return Candidate(row, cell, content, ours, "NOW")
    meant = content.channel if content.channel in cell.channels else None
    channel = meant or cell.channels[0]
    is_plain = (meant or len(cell.channels) == 1) and CHANNELS[channel].medium not in ONLINE
    return Candidate(row, cell, content, channel, "SAID" if is_plain else "APART")
