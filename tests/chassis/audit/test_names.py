"""Every act that a room puts down has words on its page, and every word an act."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from services.chassis.audit.doors import ACTS, FAULTS
from services.chassis.audit.verifying import Kind
from tests.architecture import SERVICES, modules

ROOT = Path(__file__).parents[3]


def texts(node: ast.AST) -> Iterator[str]:
    return (one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str))


def named_acts(folder: str) -> set[str]:
    """The names that acts are given in a folder's code: in the call itself, or as `name` just before it."""
    found: set[str] = set()
    for path in modules(ROOT, folder):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Act":
                given = node.args[1]
                tested = given.test if isinstance(given, ast.IfExp) else None
                found |= set(texts(given)) - (set(texts(tested)) if tested else set())
            is_note = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "note" and len(node.args) == 3
            found |= set(texts(node.args[2])) if is_note else set()
            is_name = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "name"
            found |= {text for text in texts(node) if re.fullmatch("[a-z]+(-[a-z]+)+", text)} if is_name else set()
    return found


@pytest.mark.parametrize("room", SERVICES)
def test_a_rooms_acts_are_those_that_have_words(room: str) -> None:
    names = import_module(f"services.{room}.act_names").ACT_NAMES
    assert named_acts(f"services/{room}") == set(names)
    assert import_module(f"services.{room}.app").DEFINITION.acts == names


def test_the_acts_and_faults_of_all_rooms_have_words() -> None:
    assert named_acts("services/chassis") == set(ACTS)
    assert set(FAULTS) == set(Kind)
