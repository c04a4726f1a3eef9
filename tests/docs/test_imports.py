"""Which part may import which (docs/style.md, "What may live where"): data flows one way."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# part -> top-level modules that it must never import
FORBIDDEN = {
    "knowledge": {"rasa", "rasa_sdk", "django", "channels", "requests", "httpx", "actions", "components", "socket"},
    "safety": {
        "rasa",
        "rasa_sdk",
        "django",
        "channels",
        "requests",
        "httpx",
        "knowledge",
        "actions",
        "components",
        "socket",
    },
    "components": {"actions", "django", "rasa_sdk"},
    "actions": {"rasa", "components", "django"},
    "channels": {"actions", "django"},
    "desk": {"rasa", "rasa_sdk", "actions", "components", "stack"},
    "stack": {"rasa", "rasa_sdk", "django", "knowledge", "safety", "actions", "components"},
}
# The desk's own Channels is a package of PyPI; the assistant's channels/ folder is another thing.
PURE = ("knowledge", "safety")


def sources(part: str) -> list[Path]:
    return [path for path in (ROOT / part).rglob("*.py") if ".venv" not in path.parts and "build" not in path.parts]


def imported_modules(path: Path) -> set[str]:
    modules = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            modules.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            modules.add(node.module)
    return modules


@pytest.mark.parametrize("part", FORBIDDEN)
def test_it_imports_nothing_that_its_part_may_not(part):
    found = [
        f"{path.relative_to(ROOT)} imports {module}"
        for path in sources(part)
        for module in sorted(imported_modules(path))
        if module.split(".")[0] in FORBIDDEN[part]
    ]
    assert sources(part), f"no sources found in {part}"
    assert found == []


@pytest.mark.parametrize("part", PURE)
def test_it_never_reads_the_clock_of_the_machine(part):
    """`today` is always a parameter (docs/style.md, habit 3); only the command line may ask for it."""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sources(part)
        if path.name != "__main__.py"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and node.attr in {"today", "now", "utcnow"}
        and isinstance(node.value, ast.Name)
        and node.value.id in {"date", "datetime"}
    ]
    assert found == []


def test_only_one_module_of_the_desk_calls_rasa():
    callers = {
        str(path.relative_to(ROOT / "desk"))
        for path in sources("desk")
        if "tests" not in path.parts and "import httpx" in path.read_text()
    }
    assert callers <= {"conversations/assistant.py"}
