"""The reference data of the school: units and topic areas, shipped with an example set.

Never names a person, and never travels in a message: every service reads the same two files.
"""

from functools import cache
from pathlib import Path

from pydantic import TypeAdapter

from contracts.fields import Code, Record, Title

# The example set that the software is shipped with; a school names its own files by UNITS_FILE and TOPIC_AREAS_FILE.
UNITS_FILE = Path(__file__).parent / "data" / "units.json"
TOPIC_AREAS_FILE = Path(__file__).parent / "data" / "topic_areas.json"


class Entry(Record):
    """One unit or topic area: its code and its names."""

    code: Code
    vi: Title
    en: Title


class Reference(Record):
    """The units and topic areas, in the order in which they are offered."""

    units: tuple[Entry, ...]
    topic_areas: tuple[Entry, ...]

    def topic_name(self, code: str, language: str) -> str:
        """The name of a topic area; an unknown code is shown as it is."""
        return _name(self.topic_areas, code, language)

    def unit_name(self, code: str | None, language: str) -> str:
        """The name of a unit; an unknown code is shown as it is, none as an empty text."""
        return _name(self.units, code or "", language)


def _name(entries: tuple[Entry, ...], code: str, language: str) -> str:
    found = next((entry for entry in entries if entry.code == code), None)
    return (found.en if language == "en" else found.vi) if found else code


@cache
def read_reference(units: Path, topic_areas: Path) -> Reference:
    """Read the two files, once in the life of a process; raises ValueError naming what is wrong in them."""
    entries = TypeAdapter(tuple[Entry, ...])
    read = (entries.validate_json(file.read_bytes()) for file in (units, topic_areas))
    return Reference(units=next(read), topic_areas=next(read))
