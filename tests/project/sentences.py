"""The templates of sentences for people, as they stand in the code."""

import ast
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).parent.parent.parent
ROOTS = [PROJECT / "src", PROJECT / "local_aws", PROJECT / "functions"]
OURS = PROJECT / "src" / "forecast_language"
TEMPLATES = {"said": 1, "counted": 2}  # how many templates each is given


def modules() -> list[Path]:
    """Every module that may say something."""
    return sorted(path for root in ROOTS for path in root.rglob("*.py") if OURS not in path.parents)


def name_of_call(node: ast.AST) -> str:
    """What a call calls, without what stands before its last dot; empty for what is no call by a name."""
    function = node.func if isinstance(node, ast.Call) else None
    return (
        function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    )


def said_calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Each call of `said` or `counted` in a module, with its place."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and name_of_call(node) in TEMPLATES:
            yield f"{path.relative_to(PROJECT)}:{node.lineno}", node


def templates() -> dict[str, str]:
    """Every template with the place where it is said first."""
    return {
        argument.value: place
        for path in reversed(modules())
        for place, call in said_calls(path)
        for argument in call.args[: TEMPLATES[name_of_call(call)]]
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }
