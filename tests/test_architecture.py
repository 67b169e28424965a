"""The house stands as drawn; and each check is shown to fail on a fault planted for it."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import architecture

ROOT = Path(__file__).parents[1]
Check = Callable[[Path], list[str]]
CHECKS: tuple[Check, ...] = (
    architecture.borders,
    architecture.purity,
    architecture.sources,
    architecture.sizes,
)
CLAUSE = re.compile(r"^\| ([0-5]\.\d+) \|", re.MULTILINE)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_tree_has_no_fault(check: Check) -> None:
    assert check(ROOT) == []


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the sources that may be spoiled."""
    for folder in ("contracts", "services", "deploy"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", ".local"))
    (tmp_path / "tests").mkdir()
    return tmp_path


PLANTED: tuple[tuple[str, Check, str, str, str], ...] = (
    (
        "a service imports a sibling",
        architecture.borders,
        "planning/web.py",
        "from services.approval import decisions",
        "never import each other",
    ),
    ("a service imports motor", architecture.borders, "planning/web.py", "import motor", "chassis alone"),
    (
        "the chassis imports a service",
        architecture.borders,
        "chassis/clock.py",
        "import services.planning.decisions",
        "knows no service",
    ),
    (
        "a service imports the tests",
        architecture.borders,
        "reporting/web.py",
        "import tests.builders",
        "nobody imports",
    ),
    (
        "a rule module reads the clock of the machine",
        architecture.purity,
        "planning/decisions.py",
        "import time",
        "rule module",
    ),
    ("a rule module imports the web", architecture.purity, "approval/authority.py", "import fastapi", "rule module"),
    (
        "a rule module imports the database driver",
        architecture.purity,
        "monitoring/algebra/due.py",
        "from pymongo import errors",
        "rule module",
    ),
    (
        "a rule without a source",
        architecture.sources,
        "monitoring/algebra/due.py",
        'def extend() -> int:\n    """Add a day."""\n    return 1',
        "lacks its Source:",
    ),
    ("a module that is too long", architecture.sizes, "chassis/clock.py", "\n" * 300, "at most 300"),
    (
        "a function that is too long",
        architecture.sizes,
        "chassis/clock.py",
        "def long() -> None:\n" + "    pass\n" * 41,
        "at most 40",
    ),
    (
        "a function that is nested too deep",
        architecture.sizes,
        "chassis/clock.py",
        "def deep() -> None:\n if 1:\n  if 1:\n   if 1:\n    if 1:\n     pass",
        "nested 4 deep",
    ),
    (
        "too many parameters",
        architecture.sizes,
        "chassis/clock.py",
        "def many(a, b, c, *, d, e, f) -> None:\n    pass",
        "6 parameters",
    ),
    ("a module of no concept", architecture.sizes, "chassis/utils.py", "", "name it by its concept"),
)


@pytest.mark.parametrize("row", PLANTED, ids=[row[0] for row in PLANTED])
def test_a_planted_fault_is_found(tree: Path, row: tuple[str, Check, str, str, str]) -> None:
    fault, check, file, code, words = row
    target = tree / "services" / file
    before = target.read_text() if target.exists() else ""
    target.write_text(f"{before}\n{code}\n")
    found = check(tree)
    assert any(words in sentence and file in sentence for sentence in found), f"{fault}: not found in {found}"


def test_a_service_that_is_too_large_is_found(tree: Path) -> None:
    for n in range(20):
        (tree / "services" / "planning" / f"part{n}.py").write_text("x = 1\n" * 299)
    assert any(fault.startswith("services/planning has") for fault in architecture.sizes(tree))


def test_contracts_import_only_pydantic_and_the_standard_library(tree: Path) -> None:
    (tree / "contracts" / "planted.py").write_text("import orjson\nimport services.chassis.clock\n")
    assert any("contracts/planted.py" in fault for fault in architecture.borders(tree))


def clauses() -> set[str]:
    """The ids of the procedure's clauses, as kept beside the tests."""
    return set(CLAUSE.findall((ROOT / "tests" / "clauses.md").read_text()))


def pending() -> set[str]:
    """The clauses that are named as not yet built."""
    lines = (ROOT / "tests" / "clauses_pending.txt").read_text().splitlines()
    return {line.split("#")[0].strip() for line in lines} - {""}


def known_codes() -> set[str]:
    """Clauses, rules R01-R21, assumptions A1-A22 and matrix rows M1-M6."""
    rules = {f"R{n:02}" for n in range(1, 22)} | {f"A{n}" for n in range(1, 23)} | {f"M{n}" for n in range(1, 7)}
    return clauses() | rules


def test_every_citation_names_a_clause_that_exists() -> None:
    unknown = {code: places for code, places in architecture.cited(ROOT).items() if code not in known_codes()}
    assert unknown == {}


def test_every_clause_is_cited_or_named_as_pending() -> None:
    cited = set(architecture.cited(ROOT))
    assert clauses() - cited - pending() == set(), "cite the clause where its rule is, or name it as pending"
    assert pending() & cited == set(), "a clause that is cited is no longer pending: take it off the list"


def test_the_pending_list_only_shrinks() -> None:
    assert len(pending()) <= 12
