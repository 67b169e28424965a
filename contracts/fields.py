"""The kinds of field that the messages are made of, and the base of every data model.

Never knows a message: limits of length and form only.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, core_schema

_NONCHARACTERS = "\ufdd0-\ufdef" + "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
_UNWANTED = "\x7f-\x9f\ud800-\udfff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069" + _NONCHARACTERS

# Controls, lone surrogates, bidi controls and noncharacters; a prose may have newlines and tabs.
FORBIDDEN_IN_LINE = re.compile(f"[\x00-\x1f{_UNWANTED}]")
FORBIDDEN_IN_PROSE = re.compile(f"[\x00-\x08\x0b-\x1f{_UNWANTED}]")


@dataclass(frozen=True)
class Text:
    """A text field: NFC unless `as_sent`, lengths in code points after it, not blank unless `min_length` is 0."""

    max_length: int
    min_length: int = 1
    prose: bool = False
    as_sent: bool = False

    def check(self, value: object) -> str:
        """Return the text as it is kept.

        Raises:  ValueError with the first thing that is wrong.
        """
        if not isinstance(value, str):
            raise ValueError("must be a text")
        if not (self.as_sent or value.isascii()):
            value = unicodedata.normalize("NFC", value)
        if self.prose and "\r" in value:
            value = value.replace("\r\n", "\n")
        if not value.isprintable():
            forbidden = (FORBIDDEN_IN_PROSE if self.prose else FORBIDDEN_IN_LINE).search(value)
            if forbidden:
                raise ValueError(f"has a character that is not allowed: U+{ord(forbidden[0]):04X}")
        if len(value) > self.max_length:
            raise ValueError(f"has more than {self.max_length} characters")
        if self.min_length and (len(value) < self.min_length or value.isspace()):
            raise ValueError("must not be blank")
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self.check, serialization=core_schema.simple_ser_schema("str")
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        described: dict[str, Any] = {"type": "string", "maxLength": self.max_length}
        if self.min_length:
            described |= {"minLength": self.min_length, "pattern": "\\S"}
        return described


def _http_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        port_is_right = parts.port is None or parts.port >= 0
    except ValueError:
        raise ValueError("is no address") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_right:
        raise ValueError("must be an address that begins with http:// or https://")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not have a user part")
    if any(character.isspace() for character in url):
        raise ValueError("must not have blanks")
    return url


def _following_years(school_year: str) -> str:
    if int(school_year[5:]) != int(school_year[:4]) + 1:
        raise ValueError("a school year names two years that follow each other")
    return school_year


SentId = Annotated[str, Text(128, as_sent=True)]
SentSource = Annotated[str, Text(2000, as_sent=True)]
Id = Annotated[str, Text(128)]
Code = Annotated[str, Text(64)]
Title = Annotated[str, Text(300)]
Reason = Annotated[str, Text(1000)]
Note = Annotated[str, Text(4000, prose=True)]
OptionalNote = Annotated[str, Text(4000, min_length=0, prose=True)]
Href = Annotated[str, Text(2000)]
Url = Annotated[
    str,
    Text(2000),
    AfterValidator(_http_url),
    WithJsonSchema({"type": "string", "maxLength": 2000, "pattern": "^[hH][tT][tT][pP][sS]?://"}),
]
Revision = Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)]
Count = Annotated[int, Field(strict=True, ge=0, le=2**53 - 1)]
Flag = Annotated[bool, Field(strict=True)]
Digest = Annotated[str, Field(pattern="^sha256:[0-9a-f]{64}$")]
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Language = Annotated[str, Field(pattern="^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35)]
SchoolYear = Annotated[str, Field(pattern="^[0-9]{4}-[0-9]{4}$"), AfterValidator(_following_years)]


class Record(BaseModel):
    """A part of a message: frozen, unknown fields ignored, absent optional fields left out when written."""

    model_config = ConfigDict(frozen=True, extra="ignore", validate_by_name=True, serialize_by_alias=True)

    # Fields whose null says something: written as null when it was stated.
    STATED_NULLS: ClassVar[tuple[str, ...]] = ()

    def to_data(self) -> dict[str, Any]:
        """Return the JSON object that goes on the wire; `from_data` of it is equal to this."""
        data = self.model_dump(mode="json", exclude_none=True)
        nulls = self.stated_nulls()
        if not nulls:
            return data
        return {name: data.get(name) for name in type(self).model_fields if name in data or name in nulls}

    def stated_nulls(self) -> list[str]:
        """Return the fields that were stated to be null and are written so."""
        return [name for name in self.STATED_NULLS if name in self.model_fields_set and getattr(self, name) is None]

    @classmethod
    def from_data(cls, data: Any) -> Self:
        """Return the record that a JSON object describes.

        Raises:  pydantic.ValidationError.
        """
        return cls.model_validate(data)
