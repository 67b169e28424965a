"""What a service's English lacks: the texts marked in its Python and templates against its `locale/en.po`."""

import re
from pathlib import Path

from babel.messages.extract import extract_from_dir

from services.chassis.web.i18n import load_catalogue

CHASSIS_LOCALE = Path(__file__).parents[1] / "services" / "chassis" / "web" / "locale"
_KEYWORDS: dict[str, tuple[int, ...] | None] = {"_": None, "N_": None, "gettext": None, "ngettext": (1,)}
_METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2.ext:babel_extract"),
            ("**/templates/**.txt", "jinja2.ext:babel_extract")]  # fmt: skip
_PLACES = re.compile(r"%\((\w+)\)")


def marked_texts(folder: Path) -> dict[str, str]:
    """The texts marked in a service's Python and templates, each with the place of one use (file:line)."""
    found: dict[str, str] = {}
    extracted = extract_from_dir(folder, _METHODS, {"**/templates/**": {"silent": "false"}}, keywords=_KEYWORDS)
    for file, line, msgid, *_ in extracted:
        found.setdefault(msgid if isinstance(msgid, str) else msgid[0], f"{file}:{line}")
    return found


def missing_translations(folder: Path) -> list[str]:
    """What `locale/en.po` of a service lacks or breaks, as sentences; the chassis' texts may be used by all."""
    english = load_catalogue(CHASSIS_LOCALE, folder / "locale").english
    faults = []
    for msgid, place in sorted(marked_texts(folder).items(), key=lambda item: item[1]):
        forms = english.get(msgid)
        if forms is None:
            faults.append(f"{place}: no English for {msgid!r}")
        elif any(set(_PLACES.findall(form)) - set(_PLACES.findall(msgid)) for form in forms):
            faults.append(f"{place}: the English of {msgid!r} has a place that the Vietnamese has not")
    return faults
