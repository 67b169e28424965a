"""Time zones by the names that calendar programs write; pure.

Never reads a zone's rules out of a file: only zones that are known here count.
"""

import re
from datetime import tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from services.monitoring.imports.files.moments import LOCAL

_NAME = re.compile(r"(?:[A-Za-z_]+/)?[A-Za-z_]+/[A-Za-z0-9_+\-]+$")
# Outlook's own zones say their distance in their name; of the others only the place's own has no summer time for sure
_LOCAL_NAME = re.compile(r"\(?(?:UTC|GMT)\+0?7(?::00)?\)?(?:\s.*)?")


def zone_named(name: str) -> tzinfo | None:
    """The zone of a TZID: of the IANA list (also behind a vendor's prefix), of Windows, or plainly UTC+7."""
    name = name.strip().strip('"')
    if name.upper() in ("UTC", "GMT", "ETC/UTC", "Z"):
        return ZoneInfo("UTC")
    if _LOCAL_NAME.fullmatch(name):
        return LOCAL
    known = WINDOWS_TO_OLSON.get(name)
    found = known or (match[0] if (match := _NAME.search(name[-64:])) else "")
    for candidate in (found, "/".join(found.split("/")[-2:])):
        try:
            if candidate:
                return ZoneInfo(candidate)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return None
