"""The port of a channel that this system itself shows content on; all others are recorded by a person.

Outside effects need a stored intent and a worker. The one adapter there is, the built-in news site, keeps its pages
in publishing's own database, so that showing a page is part of the same transaction as the message about it: there
is no outcome that could be unknown. An adapter that calls another system must never be written against this port.
"""

from collections.abc import Mapping
from typing import Protocol

from contracts import codes
from contracts.publishing import Evidence
from services.chassis.unit import Unit
from services.publishing.pages import NewsPage


class Channel(Protocol):
    """A place where content is shown inside the transaction that decides it."""

    code: codes.Channel

    def address(self, content_id: str) -> str:
        """Where readers find the page."""

    def proof(self, shown: NewsPage) -> Evidence:
        """The digest of exactly what is shown, and where its bytes are kept."""

    async def show(self, unit: Unit, shown: NewsPage) -> None:
        """Show the page, or another one in its place."""

    async def take_down(self, unit: Unit, content_id: str) -> None:
        """Show the page no longer."""


BuiltIn = Mapping[codes.Channel, Channel]
