"""What holds the house together, as checks over a source tree: each returns the faults it found as sentences."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

SERVICES = ("planning", "approval", "publishing", "monitoring", "reporting")
STDLIB_IO = {"asyncio", "socket", "http", "urllib.request", "subprocess", "sqlite3", "random", "secrets", "time", "os"}
IO_LIBRARIES = {"motor", "pymongo", "aiokafka", "faststream", "fastapi", "starlette", "httpx2", "aiohttp", "uvicorn"}
RULE_MODULES = {"decisions", "obligations", "due", "authority", "projections", "report"}
PURE_WITH_SOURCE = "Source:"
MODULE_LINES, FUNCTION_LINES, NESTING, PARAMETERS, POSITIONAL = 300, 40, 3, 5, 3
APP_LINES, HANDLER_LINES, TEST_LINES = 80, 10, 400
# A package in a service counts by itself; so does the web half of the chassis.
FOLDER_LINES = {
    "services/chassis": 1900,
    "services/chassis/web": 1850,
    "services/chassis/audit": 700,
    "services/chassis/relay": 320,
    "services/chassis/operating": 200,
    "services/chassis/recurrence": 200,
    "services/planning": 1800,
    "services/planning/pages": 700,
    "services/planning/feed": 350,
    "services/planning/kept": 100,
    "services/planning/moving": 180,
    "services/approval": 1800,
    "services/approval/pages": 700,
    "services/approval/editing": 250,
    "services/approval/links": 380,
    "services/publishing": 2000,
    "services/publishing/matrix": 900,
    "services/publishing/media": 300,
    "services/publishing/web": 800,
    "services/monitoring": 2400,
    "services/monitoring/screens": 400,
    "services/monitoring/algebra": 2300,
    "services/monitoring/intake": 1310,
    "services/monitoring/door": 1400,
    "services/monitoring/door/mending": 400,
    "services/monitoring/imports": 1100,
    "services/monitoring/imports/files": 1200,
    "services/monitoring/reading": 1450,
    "services/monitoring/pages": 2100,
    "services/monitoring/versions": 2500,
    "services/monitoring/reminders": 1300,
    "services/monitoring/supervision": 2300,
    "services/monitoring/rebuild": 1500,
    "services/monitoring/rebuild/comparing": 450,
    "services/reporting": 1880,
    "services/reporting/sources": 150,
    "services/reporting/documents": 700,
    "services/reporting/documents/files": 450,
}
BANNED_NAMES = {"utils", "helpers", "common", "base", "core", "manager", "misc", "service", "models"}


def modules(root: Path, folder: str = "") -> Iterator[Path]:
    """The Python files of a folder, without data and caches."""
    return (p for p in sorted((root / folder).rglob("*.py")) if ".venv" not in p.parts and ".local" not in p.parts)


def imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every imported module as (line, dotted name)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def _within(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def borders(root: Path) -> list[str]:
    """contracts <- chassis <- service; siblings never; motor in the chassis alone."""
    faults = []
    for path in [*modules(root, "contracts"), *modules(root, "services"), *modules(root, "deploy")]:
        here = path.relative_to(root)
        for line, name in imports(ast.parse(path.read_text())):
            why = _border(here, name)
            if why:
                faults.append(f"{here}:{line} imports {name}: {why}")
    return faults


def _border(here: Path, name: str) -> str:
    top, room = here.parts[0], here.parts[1]
    if top == "contracts":
        outside = {"services", "deploy", "tests", *IO_LIBRARIES}
        return "contracts import pydantic and the standard library" if name.split(".", maxsplit=1)[0] in outside else ""
    if _within(name, "tests") or (_within(name, "deploy") and top != "deploy"):
        return "nobody imports deploy or tests"
    if top == "deploy":
        return ""
    if room == "chassis" and any(_within(name, f"services.{s}") for s in SERVICES):
        return "the chassis knows no service"
    if room in SERVICES and any(_within(name, f"services.{s}") for s in SERVICES if s != room):
        return "services never import each other"
    if _within(name, "motor") and room != "chassis":
        return "motor is imported in the chassis alone"
    return ""


def is_rule_module(path: Path) -> bool:
    """Whether the file is a rule module: by its name, or because its docstring says that it is pure."""
    if path.stem in RULE_MODULES:
        return True
    text = ast.get_docstring(ast.parse(path.read_text())) or ""
    return "services" in path.parts and "chassis" not in path.parts and re.search(r"\b[Pp]ure\b", text) is not None


def purity(root: Path) -> list[str]:
    """Rule modules import nothing that does I/O, tells the time or throws dice."""
    faults = []
    for path in filter(is_rule_module, modules(root, "services")):
        for line, name in imports(ast.parse(path.read_text())):
            if name.split(".")[0] in IO_LIBRARIES | STDLIB_IO or name in STDLIB_IO:
                faults.append(f"{path.relative_to(root)}:{line} is a rule module and imports {name}")
    return faults


def sources(root: Path) -> list[str]:
    """Every public function of a rule module says where its rule comes from."""
    faults = []
    for path in modules(root, "services"):
        if path.stem not in RULE_MODULES:
            continue
        for node in ast.parse(path.read_text()).body:
            is_public = isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
            if is_public and PURE_WITH_SOURCE not in (ast.get_docstring(node) or ""):
                faults.append(f"{path.relative_to(root)}:{node.lineno} {node.name} lacks its {PURE_WITH_SOURCE}")
    return faults


def cited(root: Path) -> dict[str, list[str]]:
    """Every clause, rule or assumption cited after `Source:` with the places that cite it."""
    found: dict[str, list[str]] = {}
    for path in [*modules(root, "services"), *modules(root, "contracts"), *modules(root, "tests")]:
        for match in re.finditer(r"Source:(.*)", path.read_text()):
            for code in re.findall(r"\b(?:[0-5]\.\d{1,2}|R\d{2}|A\d{1,2}|M\d)\b", match[1]):
                found.setdefault(code, []).append(str(path.relative_to(root)))
    return found


def sizes(root: Path) -> list[str]:
    """Modules, functions, nesting, parameters and whole services stay small enough to be read."""
    faults = []
    for folder in ("contracts", "services", "deploy"):
        for path in modules(root, folder):
            faults += [f"{path.relative_to(root)}{fault}" for fault in _module_sizes(path)]
    for path in modules(root, "tests"):
        lines = len(path.read_text().splitlines())
        faults += [f"{path.relative_to(root)} has {lines} lines, at most {TEST_LINES}"] if lines > TEST_LINES else []
    for folder, limit in FOLDER_LINES.items():
        apart = [root / other for other in FOLDER_LINES if other.startswith(f"{folder}/")]
        own = (path for path in modules(root, folder) if not any(part in path.parents for part in apart))
        lines = sum(len(path.read_text().splitlines()) for path in own)
        faults += [f"{folder} has {lines} lines, at most {limit}"] if lines > limit else []
    return faults


def _module_sizes(path: Path) -> list[str]:
    text = path.read_text()
    lines, limit = (
        len(text.splitlines()),
        APP_LINES if path.name == "app.py" and "chassis" not in path.parts else MODULE_LINES,
    )
    faults = [f" has {lines} lines, at most {limit}"] if lines > limit else []
    if path.stem in BANNED_NAMES:
        faults.append(f" is called {path.stem}: name it by its concept")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            faults += [f":{node.lineno} {node.name} {fault}" for fault in _function_sizes(node, path)]
    return faults


def _function_sizes(node: ast.FunctionDef | ast.AsyncFunctionDef, path: Path) -> list[str]:
    faults = []
    inner = [n for n in ast.walk(node) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef)) and n is not node]
    lines = (node.end_lineno or node.lineno) - node.lineno + 1
    is_factory = node.name.startswith(("create_", "build_")) and bool(inner)  # a room's list of doors
    limit = HANDLER_LINES if path.stem == "handlers" and node.name.startswith("on_") else FUNCTION_LINES
    if lines > limit and not is_factory:
        faults.append(f"has {lines} lines, at most {limit}")
    positional = [a for a in (*node.args.posonlyargs, *node.args.args) if a.arg not in ("self", "cls")]
    named = len(positional) + len(node.args.kwonlyargs)
    is_door = any("router" in ast.unparse(d) or "app." in ast.unparse(d) for d in node.decorator_list)
    if not is_door and named > PARAMETERS:
        faults.append(f"has {named} parameters, at most {PARAMETERS}")
    if not node.name.startswith("_") and len(positional) > POSITIONAL:
        faults.append(f"has {len(positional)} positional parameters: keyword-only past {POSITIONAL}")
    if _depth(node) > NESTING:
        faults.append(f"is nested {_depth(node)} deep, at most {NESTING}")
    return faults


def _depth(node: ast.AST, depth: int = 0) -> int:
    deepest = depth
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            continue
        deeper = isinstance(
            child, (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.Match)
        )
        is_elif = isinstance(node, ast.If) and isinstance(child, ast.If) and child in node.orelse
        deepest = max(deepest, _depth(child, depth + (deeper and not is_elif)))
    return deepest
