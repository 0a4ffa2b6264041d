"""The templates of sentences for people, as they stand in the code."""

import ast
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).parent.parent.parent
ROOTS = [PROJECT / "src", PROJECT / "local_aws", PROJECT / "functions"]
OURS = PROJECT / "src" / "forecast_language"
TEMPLATES = {"said": 1, "counted": 2}  # how many templates each is given

SENTENCE = re.compile(r"[a-z]{2,}[,;:]? +(?:[a-z]{2,}|\{\})|\{\}[,;:]? +[a-z]{2,}")
SQL = re.compile(
    r"\b(?:SELECT|FROM|WHERE|TABLE|ALTER|DROP|INSERT|SET|AS|IN|IS|NULL|BY|CASE|WHEN|AND|OR|OVER)\b|\w\(\{\}"
)
PROGRAM = re.compile(r"almanac:? (?=\{\})")  # stands before what it says, and before its version
FOR_PROGRAMS: dict[str, tuple[str, ...]] = {  # what a name in a module holds or gives is read by programs, in English
    "local_aws/command/cli.py": ("INTERRUPTED_QUERY",),
    "local_aws/command/running_pipeline.py": ("exports",),
    "local_aws/command/user_words.py": ("theirs",),
    "local_aws/embedded/glue/spark.py": ("last_sentence",),  # Glue's message
    "local_aws/embedded/keeping/data_folder.py": ("NOT_SAVED", "maker"),
    "local_aws/embedded/launcher.py": ("IN_USE", "_region_of_profile"),
    "local_aws/guessing/moment_parts.py": ("with_time_of_day",),  # a notation is called as its letters are
    "local_aws/guessing/moments.py": ("DAYS_OR_SECONDS",),
    "local_aws/guessing/rows/pieces.py": ("REJECTS",),
    "local_aws/guessing/rows/total_rows.py": ("WORDS",),
    "local_aws/upload/written_moments.py": ("NUMBERS", "WORDS"),
    "local_aws/operating/runs.py": ("AS_OF", "_state", "words"),  # as the JSON has them
    "local_aws/opening/sources.py": ("name_of_source",),  # resources are called by it
    "src/almanac/__init__.py": ("__getattr__",),
    "src/almanac/page.py": ("html_of",),  # tags and words that are said
    "src/almanac/words.py": ("_parameter",),
    "src/forecast_files/csv_text.py": ("__init__",),  # of an error that is caught
    "src/forecast_files/left_out.py": ("_WORDS", "_place", "sentence"),
    "src/forecast_pipeline/mail_subject.py": ("*",),  # SNS takes ASCII alone: decision 0643
}
COMMAND = re.compile(r"(?:.* \| )?almanac(?:: \{\}$| [a-z]+(?: |$))")  # what is typed, or who says what follows
NOT_FOR_PEOPLE = ("compile", "execute", "ValueError", "TypeError", "AssertionError", "NotImplementedError")


@cache
def modules() -> list[Path]:
    """Every module that may say something."""
    return sorted(path for root in ROOTS for path in root.rglob("*.py") if OURS not in path.parents)


def name_of_call(node: ast.AST) -> str:
    """What a call calls, without what stands before its last dot; empty for what is no call by a name."""
    function = node.func if isinstance(node, ast.Call) else None
    return (
        function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    )


@cache
def said_calls(path: Path) -> list[tuple[str, ast.Call]]:
    """Each call of `said` or `counted` in a module, with its place."""
    text = path.read_text()
    if not any(f"{name}(" in text for name in TEMPLATES):
        return []
    calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    return [(f"{path.relative_to(PROJECT)}:{node.lineno}", node) for node in calls if name_of_call(node) in TEMPLATES]


@cache
def templates() -> dict[str, str]:
    """Every template with the place where it is said first."""
    return {
        argument.value: place
        for path in reversed(modules())
        for place, call in said_calls(path)
        for argument in call.args[: TEMPLATES[name_of_call(call)]]
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }


def unsaid(path: Path) -> Iterator[str]:
    """What reads like a sentence in a module, and is neither said, a docstring, SQL, nor for programs."""
    tree = ast.parse(path.read_text())
    names = FOR_PROGRAMS.get(path.relative_to(PROJECT).as_posix(), ())
    of_programs = {id(part) for node in ast.walk(tree) if _is_for_programs(node, names) for part in ast.walk(node)}
    of_programs |= {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, (ast.Constant, ast.JoinedStr)) and id(node) not in of_programs:
            text = PROGRAM.sub("", _literal(node))
            if SENTENCE.search(text) and not SQL.search(text) and not COMMAND.match(text):
                yield f"{path.relative_to(PROJECT)}:{node.lineno}: {text}"


def _is_for_programs(node: ast.AST, names: Sequence[str]) -> bool:
    is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    is_said_or_raised = name_of_call(node) in (*TEMPLATES, *NOT_FOR_PEOPLE)
    defined = _defined(node)
    is_named = defined in names or "*" in names
    return is_docstring or is_said_or_raised or _is_logged(node) or is_named


def _is_logged(node: ast.AST) -> bool:
    called = node.func if isinstance(node, ast.Call) else None
    return isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name) and "logger" in called.value.id


def _defined(node: ast.AST) -> str:
    """The name that a definition or an assignment defines; empty for all else."""
    if isinstance(node, ast.FunctionDef):
        return node.name
    target = (
        node.targets[0] if isinstance(node, ast.Assign) else node.target if isinstance(node, ast.AnnAssign) else None
    )
    return target.id if isinstance(target, ast.Name) else ""


def _literal(node: ast.Constant | ast.JoinedStr) -> str:
    """The text of a literal, with {} for each value in it."""
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    return "".join(
        part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else "{}" for part in parts
    )
