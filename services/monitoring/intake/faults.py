"""The documented list of the intake's rules (rules.txt), and a fault: a broken rule and the place where it was broken.

Pure. Never repeats what a sender wrote beyond a name or a character: details go into logs and pages.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Literal

Language = Literal["vi", "en"]

# What is listed at most for one request: a megabyte of faults would be answered by many.
MAX_FAULTS = 2000
_MAX_POINTER = 500
_PLACE = re.compile(r"%\(\w+\)s")


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the intake: the HTTP status its breach has, and its words with %(name)s places."""

    status: int
    detail_vi: str
    detail_en: str
    fix_vi: str
    fix_en: str


@dataclass(frozen=True, slots=True)
class Fault:
    """A broken rule, and where: a JSON pointer into the structured form."""

    pointer: str
    rule: str
    params: Mapping[str, object] = field(default_factory=dict)

    @property
    def status(self) -> int:
        """The HTTP status of the rule."""
        return RULES[self.rule].status

    def describe(self, language: Language) -> tuple[str, str]:
        """Return what is wrong and what to do, in words."""
        rule = RULES[self.rule]
        texts = (rule.detail_vi, rule.fix_vi) if language == "vi" else (rule.detail_en, rule.fix_en)
        return texts[0] % self.params, texts[1] % self.params


def read_rules(table: str) -> dict[str, Rule]:
    """Return a list of rules by their codes: three lines a rule, as in rules.txt."""
    lines = table.strip().splitlines()
    rules = {}
    for head, vi, en in zip(lines[::3], lines[1::3], lines[2::3], strict=True):
        status, code = head.split()
        (detail_vi, fix_vi), (detail_en, fix_en) = vi.split(" | "), en.split(" | ")
        rules[code] = Rule(int(status), detail_vi, detail_en, fix_vi, fix_en)
    return rules


# rules.txt: status and code; in Vietnamese, in English: what is wrong | what to do. 202 = taken, but quarantined.
RULES: dict[str, Rule] = read_rules(files(__package__).joinpath("rules.txt").read_text("utf-8"))


def rules_in(language: str) -> list[tuple[int, str, str, str]]:
    """Return the list of rules as (status, rule, detail, fix), what is filled in later as an ellipsis."""
    rows = []
    for code, rule in RULES.items():
        texts = (rule.detail_en, rule.fix_en) if language == "en" else (rule.detail_vi, rule.fix_vi)
        detail, fix = (_PLACE.sub("…", text).replace("%%", "%") for text in texts)
        rows.append((rule.status, code, detail, fix))
    return rows


def rules_table(language: Language) -> str:
    """Return the list of rules as a Markdown table, for the OpenAPI document."""
    rows = ["| status | rule | detail | fix |", "|---|---|---|---|"]
    rows += [f"| {status} | `{code}` | {detail} | {fix} |" for status, code, detail, fix in rules_in(language)]
    return "\n".join(rows)


def point(*parts: object) -> str:
    """Return the JSON pointer of the parts; one too long to print is cut to the nearest part that fits."""
    pointer = ""
    for part in parts:
        printable = str(part).encode("utf-8", "replace").decode()
        longer = f"{pointer}/{printable.replace('~', '~0').replace('/', '~1')}"
        if len(longer) > _MAX_POINTER:
            break
        pointer = longer
    return pointer


def name_character(character: str) -> str:
    """Return the code point's name as people write it, such as U+202E."""
    return f"U+{ord(character):04X}"
