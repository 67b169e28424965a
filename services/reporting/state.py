"""What reporting remembers of a school year's report beside its figures; it must never decide."""

from contracts.fields import Code, Count, Digest, Id, Note, Record, SchoolYear
from contracts.reporting import Gap, Number
from contracts.times import Instant


class Issued(Record):
    """The report as it was issued; its rows and figures are kept apart, and never change. Source: 5.1, R18"""

    cut_off_at: Instant
    issued_at: Instant
    digest: Digest
    signed_by: Id


class MeasuredGap(Record):
    """The figure that a proposal answers, and its value as the person saw it."""

    figure: Code
    value: Number | None = None


class NewProposal(Record):
    """An improvement, the measured gap it answers, and the unit that is to see to it."""

    text: Note
    gap: MeasuredGap
    owner: Code | None = None


class Proposal(Record):
    """An improvement, tied to a measured gap; owner is the unit that is to see to it. Source: 5.2, R19"""

    proposal_id: Id
    text: Note
    gap: Gap
    by: Id
    proposed_at: Instant
    owner: Code | None = None


class Report(Record):
    """The report of a school year. Shape: sequence counts what was announced of the year."""

    school_year: SchoolYear
    sequence: Count = 0
    issued: Issued | None = None
    proposals: tuple[Proposal, ...] = ()
