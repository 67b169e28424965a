"""Everything that planning says, it says in both languages."""

from pathlib import Path

from services.planning import app, refusals
from tests.translations import missing_translations


def test_every_text_has_its_english() -> None:
    assert missing_translations(Path(app.__file__).parent) == []


def test_every_refusal_says_what_to_do() -> None:
    assert all(detail and fix for detail, fix in refusals.REFUSALS.values())
