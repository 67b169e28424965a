"""Texts in two languages: msgids are Vietnamese, English comes from `locale/en.po`; it must never invent a text."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po
from markupsafe import Markup, escape

from contracts.codes import NamedCode

LANGUAGES = ("vi", "en")
DEFAULT_LANGUAGE = "vi"


def N_(msgid: str) -> str:  # noqa: N802 - the name that gettext's tools look for
    """Mark a Vietnamese text for translation where it is written; it is translated where it is shown."""
    return msgid


@dataclass(frozen=True)
class Catalogue:
    """English forms by Vietnamese msgid: one form, or two for a text that counts."""

    english: Mapping[str, tuple[str, ...]]

    def gettext(self, language: str, msgid: str, /, **params: Any) -> str:
        """The text in the language, its places filled, codes by their names; untranslated the Vietnamese text."""
        text = self.english.get(msgid, (msgid,))[0] if language == "en" else msgid
        named = {
            name: getattr(value, language) if isinstance(value, NamedCode) else value for name, value in params.items()
        }
        if any(isinstance(value, Markup) for value in named.values()):
            text = escape(text)  # a part of it is marked up: so is the whole, with the rest of it safe
        return text % named if named else text

    def ngettext(self, language: str, msgid: str, count: int, /, **params: Any) -> str:
        """The text for a count, which fills the place %(count)s; Vietnamese has one form for all counts."""
        forms = self.english.get(msgid, (msgid,)) if language == "en" else (msgid,)
        return forms[0 if count == 1 else -1] % {"count": count, **params}


@cache
def load_catalogue(*folders: Path) -> Catalogue:
    """Read `en.po` of each folder; a later folder wins, a folder without the file adds nothing."""
    english: dict[str, tuple[str, ...]] = {}
    for file in (folder / "en.po" for folder in folders if (folder / "en.po").exists()):
        with file.open("rb") as source:
            messages = read_po(source, locale="en")
        for message in messages:
            forms = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
            if message.id and not message.fuzzy and forms and all(forms):
                english[message.id if isinstance(message.id, str) else message.id[0]] = forms
    return Catalogue(english)
