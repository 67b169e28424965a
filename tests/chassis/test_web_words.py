"""Dates, remaining time and numbers as the wording rules have them; translations; typed forms; pointers."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from markupsafe import Markup, escape

from contracts.codes import Channel
from services.chassis.decision import Refused
from services.chassis.web.formats import Formats
from services.chassis.web.forms import parsed
from services.chassis.web.i18n import load_catalogue
from services.chassis.web.problems import field_refusals, pointer_to
from tests.chassis.web_room import NOW, Item
from tests.translations import missing_translations

CHASSIS = Path(__file__).parents[2] / "services" / "chassis"
VI, EN = Formats("vi", lambda: NOW), Formats("en", lambda: NOW)
MIDNIGHT = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)  # 24/11 00:00 in Vietnam

WORDS = (
    ("date", date(2026, 11, 24), "24/11/2026", "24 Nov 2026"),
    ("date", "2026-11-24", "24/11/2026", "24 Nov 2026"),
    ("date", "2026-11-23T18:00:00Z", "24/11/2026", "24 Nov 2026"),
    ("time", NOW, "10:42", "10:42"),
    ("clock", NOW, "10:42:07", "10:42:07"),
    ("instant", NOW, "23/11/2026 10:42", "23 Nov 2026, 10:42"),
    ("instant", MIDNIGHT, "24/11/2026 00:00", "24 Nov 2026, 00:00"),
    ("due", MIDNIGHT, "23/11/2026 24:00", "23 Nov 2026, 24:00"),
    ("due_in_words", MIDNIGHT, "hạn hôm nay 24:00", "due today 24:00"),
    ("due_in_words", MIDNIGHT + timedelta(days=1), "hạn 24/11 24:00", "due 24 Nov, 24:00"),
    ("due_in_words", NOW + timedelta(hours=5), "hạn hôm nay 15:42", "due today 15:42"),
    ("remaining", NOW + timedelta(days=1, hours=4, minutes=59), "còn 1 ngày 4 giờ", "1 day 4 hours left"),
    ("remaining", MIDNIGHT, "còn 13 giờ 17 phút", "13 hours 17 minutes left"),
    ("remaining", NOW + timedelta(minutes=42, seconds=59), "còn 42 phút", "42 minutes left"),
    ("remaining", NOW + timedelta(seconds=30), "còn dưới 1 phút", "less than 1 minute left"),
    ("remaining", NOW + timedelta(days=2, minutes=5), "còn 2 ngày", "2 days left"),
    ("remaining", NOW, "quá dưới 1 phút", "less than 1 minute overdue"),
    ("remaining", NOW - timedelta(days=2, hours=10), "quá 2 ngày 10 giờ", "2 days 10 hours overdue"),
    ("number", 2318, "2.318", "2,318"),
    ("percent", 0.9321, "93,2 %", "93.2%"),
    ("percent", 1.0, "100,0 %", "100.0%"),
    *((name, None, "không rõ", "unknown") for name in ("date", "due", "remaining", "number", "percent", "clock")),
)


@pytest.mark.parametrize(("name", "value", "vi", "en"), WORDS)
def test_values_are_written_as_the_wording_rules_say(name: str, value: Any, vi: str, en: str) -> None:
    assert (getattr(VI, name)(value), getattr(EN, name)(value)) == (vi, en)


def test_what_was_late_says_by_how_much() -> None:
    assert VI.late_by(NOW + timedelta(hours=9), NOW) == "trễ 9 giờ"
    assert EN.late_by("2026-11-23T04:42:07Z", NOW) == "1 hour late"
    assert VI.number(0.42, 1) == "0,4"


def test_the_chassis_speaks_english_in_all_it_says() -> None:
    assert missing_translations(CHASSIS) == []


def test_a_missing_or_broken_translation_is_found(tmp_path: Path) -> None:
    (tmp_path / "locale").mkdir()
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "a.html").write_text('{{ _("Một") }}{{ _("%(n)s hai", n=2) }}{{ _("Ba") }}')
    (tmp_path / "b.py").write_text('X = N_("Bốn")')
    broken = 'msgid "%(n)s hai"\nmsgstr "%(m)s two"\n\n#, fuzzy\nmsgid "Ba"\nmsgstr "Three?"\n'
    (tmp_path / "locale" / "en.po").write_text(f'{broken}\nmsgid "Một"\nmsgstr "One"\n')
    found = "\n".join(missing_translations(tmp_path))
    assert "'Bốn'" in found
    assert "'Ba'" in found
    assert "has a place that the Vietnamese has not" in found
    assert "'Một'" not in found


def test_a_text_around_what_is_marked_up_stays_safe(tmp_path: Path) -> None:
    (tmp_path / "en.po").write_text(
        'msgid "%(who)s đăng “%(title)s” & hết"\nmsgstr "%(who)s showed “%(title)s” & done"\n'
    )
    marked = Markup('<span lang="vi">%s</span>') % "<Tin>"
    said = load_catalogue(tmp_path).gettext("en", "%(who)s đăng “%(title)s” & hết", who="<b>", title=marked)
    assert escape(said) == '&lt;b&gt; showed “<span lang="vi">&lt;Tin&gt;</span>” &amp; done'


def test_a_text_that_counts_has_two_english_forms(tmp_path: Path) -> None:
    (tmp_path / "en.po").write_text(
        'msgid ""\nmsgstr "Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
        'msgid "%(count)s bài"\nmsgid_plural "%(count)s bài"\nmsgstr[0] "%(count)s item"\nmsgstr[1] "%(count)s items"\n'
    )
    catalogue = load_catalogue(tmp_path)
    assert [catalogue.ngettext("en", "%(count)s bài", n) for n in (0, 1, 2)] == ["0 items", "1 item", "2 items"]
    assert catalogue.ngettext("vi", "%(count)s bài", 2) == "2 bài"
    assert catalogue.gettext("en", "Chưa dịch 5 %") == "Chưa dịch 5 %"


def test_a_form_becomes_a_model() -> None:
    assert parsed(Item, {"title": "a", "kinds": "x", "is_open": "true", "page": "/"}) == Item(
        title="a", kinds=("x",), is_open=True
    )
    assert parsed(Item, {"title": "a", "kinds": ["x", "y"], "is_open": ""}) == Item(title="a", kinds=("x", "y"))


def test_a_faulty_form_names_every_field() -> None:
    with pytest.raises(Refused) as refused:
        parsed(Item, {"title": "a\x00", "is_open": "maybe"})
    assert [(r.rule, r.pointer) for r in refused.value.refusals] == [
        ("character", "/title"),
        ("bool-parsing", "/is_open"),
    ]
    assert refused.value.refusals[0].params == {"character": "U+0000"}


def test_pointers_are_escaped() -> None:
    assert pointer_to("a/b", 0, "c~d") == "/a~1b/0/c~0d"
    faults = field_refusals([{"type": "missing", "loc": ("body", "data", "title"), "msg": ""}], skip=1)
    assert faults[0].pointer == "/data/title"


def test_a_code_in_a_sentence_is_said_by_its_name() -> None:
    catalogue = load_catalogue()
    said = [
        catalogue.gettext(lang, "Kênh %(channel)s, mã %(id)s.", channel=Channel.PRESS, id="x") for lang in ("vi", "en")
    ]
    assert said == ["Kênh Báo chí, mã x.", "Kênh Press, mã x."]
