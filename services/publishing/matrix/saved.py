"""The filters of the desk that a person has kept under a name: which may be added, and what is stored; pure.

Never another person's, and never a filter that the desk does not take.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from contracts.fields import Record, Text
from services.chassis.decision import Refusal
from services.publishing.refusals import refuse
from services.publishing.views import fold

Document = dict[str, Any]
MOST = 20
Name = Annotated[str, Text(60)]
Code = Annotated[str, Field(max_length=64)]


class DeskFilter(Record):
    """What of the desk is looked at; blank is all."""

    only: Annotated[str, Field(pattern="^(soon|overdue)?$")] = ""
    unit: Code = ""
    requirement: Code = ""

    def asked(self) -> dict[str, str]:
        """What the address has of it."""
        return {name: value for name, value in self.model_dump().items() if value}

    def where(self) -> dict[str, str]:
        """The condition on obligations, beside that on their due time."""
        return {name: value for name, value in self.asked().items() if name != "only"}


class Keeping(DeskFilter):
    """The filter that a person keeps, and its name."""

    name: Name


class Removal(Record):
    """Which one is no longer wanted."""

    name: Name


def check_keeping(doc: Document, name: str, asked: Mapping[str, str]) -> Refusal | None:
    """Return why a filter cannot be kept: it asks for nothing, the name is taken, or there are too many.

    Source: 3.2 (each looks after his own channels)
    """
    if not asked:
        return refuse("nothing-filtered")
    if fold(name) in {fold(one["name"]) for one in doc["filters"]}:
        return refuse("name-taken")
    return refuse("filters-full", most=MOST) if len(doc["filters"]) >= MOST else None
