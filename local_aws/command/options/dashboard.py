"""The options of `almanac dashboard`, and what they ask for."""

import argparse
from pathlib import Path

from forecast_language import said
from local_aws.command.failure import CommandFailed
from local_aws.command.options import output, which_stack
from local_aws.command.parsing.parser import Examples


def examples() -> Examples:
    """What the help shows."""
    return (
        ("almanac dashboard --open", said("over the stack of `almanac up`, in a browser")),
        ("almanac dashboard --profile work -o sales.html", said("over a stack in AWS")),
    )


def add(dashboard: argparse.ArgumentParser) -> None:
    """Add the options to the parser of the command."""
    dashboard.set_defaults(run=draw)
    dashboard.add_argument(
        "--out", "-o", type=Path, metavar="FILE", default=Path("dashboard.html"), help=said("default: dashboard.html")
    )
    which_stack.add(dashboard)
    dashboard.add_argument("--database", metavar="NAME", help=said("in Athena (default: the stack's)"))
    dashboard.add_argument("--workgroup", metavar="NAME", help=said("in Athena (default: the stack's)"))
    output.add(dashboard, opens=said("open the page in a browser"))


def draw(given: argparse.Namespace) -> None:
    """Draw the page. CommandFailed where there is nothing to draw, or no directory to put it."""
    from local_aws.command.drawing_dashboard import WhichStack, draw_dashboard  # noqa: PLC0415 - it takes a second, too

    if not given.out.parent.is_dir():
        raise CommandFailed(
            said("--out {file}: found no directory {folder}, wanted one", file=given.out, folder=given.out.parent)
        )
    stack = WhichStack(given.stack, given.endpoint, given.profile, given.database, given.workgroup)
    database = draw_dashboard(stack, given.out)
    told = said(
        "{page}   the dashboard over database {database}; open it in a browser", page=given.out, database=database
    )
    output.tell(given, [told], lambda: {"Page": str(given.out), "Database": database})
    output.open_if_wanted(given, given.out)
