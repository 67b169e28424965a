"""The attributes of a CloudEvent: names, types and forms, whatever mode they came in.

Pure. Never judges who may send; that is `acceptance`'s.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from contracts.events import Origin
from contracts.fields import FORBIDDEN_IN_LINE
from contracts.times import parse_time
from services.monitoring.intake.event_rules import text_of
from services.monitoring.intake.faults import Fault, name_character, point

MAX_ATTRIBUTES_BYTES = 16 * 1024
REQUIRED = ("specversion", "id", "source", "type")
_TEXTS = frozenset({*REQUIRED, "subject", "time", "datacontenttype", "dataschema"})
_NAME = re.compile("[a-z0-9]+")
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_MAX_MEDIA_TYPE = 1000
_MEDIA_TYPE = re.compile(f"{_TOKEN}/{_TOKEN}")
_CHARACTERS = r"(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+"
_URI_REFERENCE = re.compile(_CHARACTERS)
_URI = re.compile(rf"[A-Za-z][A-Za-z0-9+.\-]*:{_CHARACTERS}")
_PATH = re.compile(r"(?P<base>[A-Za-z][A-Za-z0-9+.\-]*:(?://[^/?#]*)?)?(?P<path>[^?#]*)")

# "%25252e" is decoded in one step: hostile nesting must not cost a step for each level
_NESTED_PERCENT = re.compile("%(?:25)+")
_LIMITS = {name: text_of(Origin, name).max_length for name in ("id", "source")}


def read_media_type(content_type: str) -> tuple[str, bool]:
    """Return the media type in lower case ("" when there is none) and whether its charset is UTF-8 or left out."""
    if len(content_type) > _MAX_MEDIA_TYPE:
        return "", True
    essence, *parameters = content_type.split(";")
    pairs = [parameter.strip().partition("=") for parameter in parameters]
    charsets = [value.strip('"').lower() for name, _, value in pairs if name.lower() == "charset"]
    essence = essence.strip().lower()
    return essence if _MEDIA_TYPE.fullmatch(essence) else "", all(charset == "utf-8" for charset in charsets)


def is_json(media_type: str) -> bool:
    """Whether data of the media type is JSON: its subtype is `json` or ends in `+json`."""
    subtype = media_type.partition("/")[2]
    return subtype == "json" or subtype.endswith("+json")


def attribute_faults(attributes: Mapping[str, Any], *at: object) -> Iterator[Fault]:
    """Yield what is wrong with a message's attributes.

    Shape:   attributes are all members but `data` and `data_base64`, those that are null left out.
    """
    for name in REQUIRED:
        if name not in attributes:
            yield Fault(point(*at, name), "attribute-missing", {"name": name})
    size = 0
    for name, value in attributes.items():
        size += len(f"{name}{value}".encode("utf-8", "replace"))
        for rule, params in _faults_of(name, value):
            yield Fault(point(*at, name), rule, params)
    if size > MAX_ATTRIBUTES_BYTES:
        yield Fault(point(*at), "attributes-too-large", {"length": size, "limit": MAX_ATTRIBUTES_BYTES})


_Found = Iterator[tuple[str, dict[str, object]]]


def _faults_of(name: str, value: Any) -> _Found:
    if not _NAME.fullmatch(name):
        yield "attribute-name", {}
    is_integer = isinstance(value, int) and -(2**31) <= value < 2**31
    if not isinstance(value, str):
        if name in _TEXTS or not is_integer:
            yield "attribute-type", {}
        return
    if not value.strip() and name in _TEXTS:
        yield "attribute-empty", {}
        return
    forbidden = FORBIDDEN_IN_LINE.search(value)
    if forbidden:
        yield "attribute-character", {"character": name_character(forbidden[0])}
    elif name in _FORMS:
        yield from _FORMS[name](value)


def _specversion(value: str) -> _Found:
    if value != "1.0":
        yield "specversion-unsupported", {}


def _id(value: str) -> _Found:
    yield from _too_long("id", value)


def _source(value: str) -> _Found:
    yield from _too_long("source", value)
    if not _URI_REFERENCE.fullmatch(value) or FORBIDDEN_IN_LINE.search(unquote(value)):
        yield "source-malformed", {}
    elif value.startswith("//") or not {"", ".", ".."}.isdisjoint(path_segments(value)):
        yield "source-segments", {}


def _too_long(name: str, value: str) -> _Found:
    if len(value) > _LIMITS[name]:
        yield "attribute-too-long", {"length": len(value), "limit": _LIMITS[name]}


def _time(value: str) -> _Found:
    try:
        parse_time(value)
    except ValueError:
        yield "time-malformed", {}


def _dataschema(value: str) -> _Found:
    if not _URI.fullmatch(value):
        yield "dataschema-malformed", {}


def _datacontenttype(value: str) -> _Found:
    media_type, is_utf8 = read_media_type(value)
    if not is_json(media_type) or not is_utf8:
        yield "datacontenttype-unsupported", {}


_FORMS = {
    "specversion": _specversion,
    "id": _id,
    "source": _source,
    "time": _time,
    "dataschema": _dataschema,
    "datacontenttype": _datacontenttype,
}


def path_segments(source: str) -> list[str]:
    """Return the segments of a source's path, decoded until nothing is left to decode; none for an empty path."""
    match = _PATH.match(source)
    path = match["path"] if match else source
    while (decoded := unquote(_NESTED_PERCENT.sub("%", path))) != path:
        path = decoded
    return path.removeprefix("/").split("/") if path else []
