"""No room is overfull: how many entries a folder shows, and how long modules and functions are."""

import ast
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent.parent
ROOTS = [PROJECT / "src", PROJECT / "local_aws", PROJECT / "functions"]
MODULES = sorted(path for root in ROOTS for path in root.rglob("*.py"))
FOLDERS = sorted({path.parent for path in MODULES} - set(ROOTS[2].iterdir()))
MOST_ENTRIES = 18
MOST_ENTRIES_OF = {
    "src/forecast_service/resources": 24,  # one module per kind, and what all kinds share
    "src/forecast_service": 13,
    "src/forecast_engine": 13,
}
MOST_LINES_OF_A_MODULE = 300
MOST_LINES_OF_A_FUNCTION = 40


def name(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


@pytest.mark.parametrize("folder", FOLDERS, ids=name)
def test_a_folder_shows_at_a_glance_what_is_in_it(folder: Path) -> None:
    entries = [entry.name for entry in folder.iterdir() if entry.name != "__pycache__"]
    assert len(entries) <= MOST_ENTRIES_OF.get(name(folder), MOST_ENTRIES), sorted(entries)


def test_a_module_is_one_subject_of_at_most_300_lines() -> None:
    lengths = {name(path): len(path.read_text().splitlines()) for path in MODULES}
    assert {path: lines for path, lines in lengths.items() if lines > MOST_LINES_OF_A_MODULE} == {}


def lines_of_docstring(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """What the reference shows of a function: its parameters and examples may be many."""
    return len((ast.get_docstring(node, clean=False) or "").splitlines())


def test_a_function_fits_on_a_screen() -> None:
    lengths = {
        f"{name(path)}: {node.name}": (node.end_lineno or node.lineno) - node.lineno + 1 - lines_of_docstring(node)
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    }
    assert {function: lines for function, lines in lengths.items() if lines > MOST_LINES_OF_A_FUNCTION} == {}
