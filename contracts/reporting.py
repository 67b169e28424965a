"""The messages of reporting.

Never a figure without the digest of what it was counted from.
"""

from typing import Annotated

from pydantic import Field, JsonValue

from contracts.fields import Code, Digest, Href, Id, Note, Record, SchoolYear
from contracts.times import Instant

Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]


class ReportIssued(Record):
    """The report of a school year, frozen at its cut-off. Source: 5.1, A21"""

    school_year: SchoolYear
    cut_off_at: Instant
    digest: Digest
    figures: dict[str, JsonValue]
    signed_by: Id
    href: Href


class Gap(Record):
    """The measured gap that a proposal answers. Source: R19"""

    figure: Code
    value: Number


class ImprovementProposed(Record):
    """An improvement proposed for the next year. Shape: owner is the unit that is to see to it. Source: 5.2"""

    proposal_id: Id
    school_year: SchoolYear
    text: Note
    gap: Gap
    by: Id
    owner: Code | None = None
