"""How a command tells what it found: the options, and what they mean. Standard output is for results alone."""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from forecast_language import said

Document = Mapping[str, Any]


def add(parser: argparse.ArgumentParser, opens: str | None = None) -> None:
    """Add `--json` and `--quiet`; and `--open` where there is a page to look at, `opens` says so in the help."""
    group = parser.add_argument_group(said("output"))
    if opens:
        group.add_argument("--open", action="store_true", help=opens)
    group.add_argument(
        "--json", action="store_true", help=said("one JSON document on standard output, and no progress")
    )
    add_quiet(group)


def add_quiet(parser: "argparse._ActionsContainer") -> None:
    """Add `--quiet`, for a command that has no document to give."""
    parser.add_argument("--quiet", "-q", action="store_true", help=said("no progress: the result, and what goes wrong"))


def is_quiet(given: argparse.Namespace) -> bool:
    """Whether progress is not wanted."""
    return bool(given.quiet or getattr(given, "json", False))


def tell(given: argparse.Namespace, lines: Iterable[str], document: Callable[[], Document]) -> None:
    """Print the lines, or the document where that is wanted."""
    if given.json:
        print(json.dumps(document(), indent=2, ensure_ascii=False, default=str))
        return
    for line in lines:
        print(line)


def open_if_wanted(given: argparse.Namespace, page: Path) -> None:
    """Open a page in the browser of this machine, and say so where there is none."""
    if not given.open:
        return
    import webbrowser  # noqa: PLC0415 - most commands need none

    if not webbrowser.open(page.resolve().as_uri()):
        print(f"almanac: {said('found no browser to open {page} in', page=page)}", file=sys.stderr)
