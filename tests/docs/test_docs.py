"""The documents tell the truth: links resolve, commands exist, and every document stands alone."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SKIPPED = {".venv", "node_modules", ".tools", "var", "results", "test-output", ".pytest_cache"}
DOCUMENTS = sorted(path for path in ROOT.rglob("*.md") if not SKIPPED & set(path.parts))
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


def document_id(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", DOCUMENTS, ids=document_id)
def test_its_links_to_files_resolve(path):
    targets = [
        target for target in LINK.findall(path.read_text()) if "://" not in target and not target.startswith("tel:")
    ]
    missing = [target for target in targets if not (path.parent / target).exists()]
    assert missing == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=document_id)
def test_its_make_commands_exist(path):
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"`make ([a-z][a-z-]+)", path.read_text()):
        assert (
            re.search(rf"^{target}:", makefile, re.MULTILINE) or f"`make {target}` comes later" in path.read_text()
        ), target


@pytest.mark.parametrize("path", DOCUMENTS, ids=document_id)
def test_it_names_no_folder_outside_the_project(path):
    assert not re.search(r"(?<![\w.])(\.\./shared|/work/|/root/)", path.read_text())


def test_every_part_has_a_readme():
    for part in ("knowledge", "safety", "desk", "widget"):
        assert (ROOT / part / "README.md").exists(), part


def test_every_readme_command_is_run_by_the_gate():
    """The two commands of the README are `make run` (the end-to-end test starts the same stack) and `make test`."""
    readme = (ROOT / "README.md").read_text()
    assert "make run" in readme and "make test" in readme
    assert "make test" in (ROOT / ".ci/run").read_text()


def test_every_call_of_the_api_is_documented():
    documented = (ROOT / "docs/api.md").read_text()
    urls = (ROOT / "desk/api/urls.py").read_text()
    calls = re.findall(r'\bpath\("([^"]+)"', urls) + re.findall(r"\{C\}/([a-z]+)", urls)
    assert len(calls) >= 10
    assert [call for call in calls if f"/{call}" not in documented] == []


def test_every_field_of_an_answer_is_documented():
    import json

    documented = (ROOT / "docs/api.md").read_text()
    fields = json.loads((ROOT / "contracts/answer.json").read_text())["properties"]
    assert [field for field in fields if f'"{field}"' not in documented] == []
