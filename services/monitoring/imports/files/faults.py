"""The documented list of the imports' own rules (rules.txt), and a fault with its place: a cell, a property.

Pure. Never a second wording of a rule of the intake: those keep their own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files

from services.monitoring.intake.faults import RULES as INTAKE_RULES
from services.monitoring.intake.faults import Fault, Language, Rule, read_rules

RULES: dict[str, Rule] = read_rules(files(__package__).joinpath("rules.txt").read_text("utf-8"))
# what is listed at most for one file: nobody mends more at once
MAX_FAULTS = 200


@dataclass(frozen=True, slots=True)
class ImportFault:
    """A broken rule in a file.

    Shape:   place is "C7", "VEVENT 2, DTSTART", or "" for the whole file; rule is of this list or the intake's.
    """

    place: str
    rule: str
    params: Mapping[str, object] = field(default_factory=dict)

    @property
    def status(self) -> int:
        """The HTTP status of the rule."""
        return (RULES if self.rule in RULES else INTAKE_RULES)[self.rule].status

    @property
    def pointer(self) -> str:
        """The place as a pointer: "/C7", "/VEVENT 2/DTSTART"."""
        return "".join(f"/{part}" for part in self.place.split(", ")) if self.place else ""

    def describe(self, language: Language) -> tuple[str, str]:
        """Return what is wrong, with its place in front, and what to do."""
        if self.rule in RULES:
            rule = RULES[self.rule]
            texts = (rule.detail_vi, rule.fix_vi) if language == "vi" else (rule.detail_en, rule.fix_en)
            detail, fix = texts[0] % self.params, texts[1] % self.params
        else:
            detail, fix = Fault("", self.rule, self.params).describe(language)
        return f"{self.place}: {detail}" if self.place else detail, fix


def status_of(faults: list[ImportFault] | tuple[ImportFault, ...]) -> int:
    """The HTTP status of a file with these faults: that of the worst, the file before its content."""
    statuses = {fault.status for fault in faults}
    return next((status for status in (404, 415, 413, 400, 409, 422) if status in statuses), 422)
