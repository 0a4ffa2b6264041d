"""Decision 0601 says of each name of ministack that we replace what would make that needless."""

import ast
import importlib.metadata
import re
from pathlib import Path

PROJECT = Path(__file__).parent.parent.parent.parent
DECISION = (PROJECT / "docs/decisions/0601-the-embedded-aws-is-ministack-with-hooks.md").read_text()
TABLE = DECISION.partition("**What each hook waits for.**")[2].partition("**Not chosen.**")[0]


def replaced_names(path: Path) -> set[str]:
    """Names of ministack's modules that a module of ours assigns to, or to an entry of which."""
    tree = ast.parse(path.read_text())
    modules = {
        name.asname or name.name: name.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("ministack")
        for name in node.names
    }
    assigned = [
        node.value if isinstance(node, ast.Subscript) else node
        for node in ast.walk(tree)
        if isinstance(node, (ast.Attribute, ast.Subscript)) and isinstance(node.ctx, ast.Store)
    ]
    return {
        f"{modules[each.value.id]}.{each.attr}"
        for each in assigned
        if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name) and each.value.id in modules
    }


def test_each_name_that_is_replaced_has_its_row_and_no_row_is_left_over() -> None:
    rows = [line.split(" | ") for line in TABLE.splitlines() if line.startswith("| `")]
    named = [name for row in rows for name in re.findall(r"`([\w.]+)`", row[0])]
    replaced = {name for path in (PROJECT / "local_aws").rglob("*.py") for name in replaced_names(path)}
    assert all(len(row) == 3 for row in rows)
    assert sorted(named) == sorted(replaced)


def test_the_table_is_that_of_the_installed_version() -> None:
    assert f"Replaced in ministack {importlib.metadata.version('ministack')} " in TABLE
