"""Texts folded for search, so that what is typed without marks finds what is written with them; pure.

Never shown to anybody.
"""

import re
import unicodedata
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+")


@lru_cache(maxsize=4_096)
def fold(text: str) -> str:
    """Return the text in lower case without marks, đ as d: "Hòa bình" and "Hoà Bình" are one.

    Source: facts of the place, Text
    """
    decomposed = unicodedata.normalize("NFD", text.lower().replace("đ", "d").replace("ð", "d"))
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(plain.split())


def words_of(text: str) -> list[str]:
    """Return the folded words of a text in their order, each once, without what stands between words.

    Source: facts of the place, Text
    """
    return list(dict.fromkeys(_WORD.findall(fold(text))))
