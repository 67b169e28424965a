"""Contract: rule codes are a documented list."""

import re
from pathlib import Path

import pytest

from services.monitoring import intake
from services.monitoring.intake.acceptance import FLAGS
from services.monitoring.intake.faults import RULES, Fault, rules_table

SOURCES = "\n".join(path.read_text() for path in Path(intake.__file__).parent.glob("*.py"))
TESTS = "\n".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
PLACES = re.compile(r"%\((\w+)\)s")
NEVER_SEEN = {"data-invalid"}  # stands guard should the model grow stricter than the rules


@pytest.mark.parametrize("code", RULES)
def test_every_rule_is_used_and_tested(code: str) -> None:
    assert f'"{code}"' in SOURCES
    assert f'"{code}"' in TESTS or code in NEVER_SEEN


@pytest.mark.parametrize("code", RULES)
def test_every_rule_says_the_same_in_both_languages(code: str) -> None:
    rule = RULES[code]
    assert rule.status in {202, 400, 403, 413, 415, 422}
    assert all((rule.detail_vi, rule.detail_en, rule.fix_vi, rule.fix_en))
    vi, en = PLACES.findall(rule.detail_vi + rule.fix_vi), PLACES.findall(rule.detail_en + rule.fix_en)
    assert set(vi) == set(en)
    params = dict.fromkeys(vi, "?")
    for language in ("vi", "en"):
        assert "%(" not in "".join(Fault("", code, params).describe(language))  # type: ignore[arg-type]


def test_the_list_can_be_printed() -> None:
    table = rules_table("vi").splitlines()
    assert len(table) == len(RULES) + 2
    assert "| 422 | `text-blank` | Không được để trống. | Ghi nội dung. |" in table
    assert "`%20`" not in rules_table("en")
    assert "%20, %22" in rules_table("en")


def test_flags_have_words_in_both_languages() -> None:
    assert all(vi and en and vi != en for vi, en in FLAGS.values())
