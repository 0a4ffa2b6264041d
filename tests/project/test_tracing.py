"""Tracing is one decorator on each handler, which can go without a change of anything else (decision 0634)."""

import ast
from pathlib import Path

PROJECT = Path(__file__).parent.parent.parent
HANDLERS = sorted(PROJECT.glob("functions/*/app.py"))
SHIPPED = sorted([*PROJECT.glob("src/**/*.py"), *HANDLERS])


def uses_of_tracer(path: Path) -> list[str]:
    tree = ast.parse(path.read_text())
    return [
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "tracer"
    ]


def test_each_handler_is_traced_by_the_decorator_and_by_nothing_else() -> None:
    assert {path.parent.name: uses_of_tracer(path) for path in HANDLERS} == {
        path.parent.name: ["capture_lambda_handler"] for path in HANDLERS
    }


def test_nothing_that_ships_knows_the_sdk_of_x_ray() -> None:
    assert [path for path in SHIPPED if "xray" in path.read_text()] == []
