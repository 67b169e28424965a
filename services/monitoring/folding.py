"""Texts folded for search, so that what is typed without marks finds what is written with them; pure.

Never shown to anybody.
"""

import unicodedata


def fold(text: str) -> str:
    """Return the text in lower case without marks, đ as d: "Hòa bình" and "Hoà Bình" are one.

    Source: facts of the place, Text
    """
    decomposed = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(plain.split())
