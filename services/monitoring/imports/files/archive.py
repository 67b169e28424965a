"""Whether an .xlsx file may be unpacked and read at all: its size unpacked, macros, entities, damage.

Pure. Never hands on what it did not unpack to the end within the bound: headers of an archive tell what they like.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator

from services.monitoring.imports.files.faults import ImportFault

MIB = 1024 * 1024
MAX_UNPACKED = 16 * MIB
MAX_PARTS = 300
_CHUNK = 64 * 1024
_ENCRYPTED = 0x1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_MACROS = re.compile(r"vbaproject|macrosheets|\.xlm$", re.IGNORECASE)
_MACRO_TYPES = re.compile(rb"macroEnabled|vbaProject", re.IGNORECASE)
# a document type declares entities; a number format without end costs the reader its square
_HOSTILE = re.compile(rb"<!DOCTYPE|<!ENTITY|formatCode\s*=\s*(?:\"[^\"]{400}|'[^']{400})")
_ENCODING = re.compile(rb"<\?xml[^>]*encoding\s*=\s*[\"']([^\"']*)[\"']")


class _Swells(Exception):
    """The archive unpacks to more than is read."""


def archive_fault(raw: bytes) -> ImportFault | None:
    """Return why the archive is not read, or None."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            return _fault_in(archive)
    except _Swells:
        return ImportFault("", "workbook-swells", {"limit": MAX_UNPACKED // MIB})
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, ValueError, OSError, RuntimeError):
        return ImportFault("", "workbook-broken")


def _fault_in(archive: zipfile.ZipFile) -> ImportFault | None:
    parts = archive.infolist()
    names = [part.filename for part in parts]
    if any(_MACROS.search(name) for name in names):
        return ImportFault("", "workbook-macros")
    is_plain = all(not part.flag_bits & _ENCRYPTED and part.compress_type in _METHODS for part in parts)
    if not is_plain or len(set(names)) < len(names) or len(names) > MAX_PARTS or "[Content_Types].xml" not in names:
        return ImportFault("", "workbook-broken")
    left = MAX_UNPACKED
    for part in parts:
        content = b"".join(_unpacked(archive, part, left))
        left -= len(content)
        if part.filename == "[Content_Types].xml" and _MACRO_TYPES.search(content):
            return ImportFault("", "workbook-macros")
        if part.filename.lower().endswith((".xml", ".rels", ".vml")) and not _is_plain_xml(content):
            return ImportFault("", "workbook-broken")
    return None


def _unpacked(archive: zipfile.ZipFile, part: zipfile.ZipInfo, at_most: int) -> Iterator[bytes]:
    with archive.open(part) as content:
        while chunk := content.read(_CHUNK):
            at_most -= len(chunk)
            if at_most < 0:
                raise _Swells
            yield chunk


def _is_plain_xml(content: bytes) -> bool:
    """Whether the part is UTF-8 without a document type; in another encoding one could hide."""
    if b"\x00" in content or content.startswith((b"\xfe\xff", b"\xff\xfe")) or _HOSTILE.search(content):
        return False
    encoding = _ENCODING.match(content.removeprefix(b"\xef\xbb\xbf").lstrip())
    return encoding is None or encoding[1].lower() in (b"utf-8", b"us-ascii")
