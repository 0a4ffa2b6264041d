"""The options of `almanac dashboard`, and what they ask for."""

import argparse
from pathlib import Path

from local_aws.command.failure import CommandFailed
from local_aws.command.options import output, which_stack

EXAMPLES = (
    ("almanac dashboard --open", "over the stack of `almanac up`, in a browser"),
    ("almanac dashboard --profile work -o sales.html", "over a stack in AWS"),
)


def add(dashboard: argparse.ArgumentParser) -> None:
    """Add the options to the parser of the command."""
    dashboard.set_defaults(run=draw)
    dashboard.add_argument(
        "--out", "-o", type=Path, metavar="FILE", default=Path("dashboard.html"), help="default: dashboard.html"
    )
    which_stack.add(dashboard)
    dashboard.add_argument("--database", metavar="NAME", help="in Athena (default: the stack's)")
    dashboard.add_argument("--workgroup", metavar="NAME", help="in Athena (default: the stack's)")
    output.add(dashboard, opens="the page")


def draw(given: argparse.Namespace) -> None:
    """Draw the page. CommandFailed where there is nothing to draw, or no directory to put it."""
    from local_aws.command.drawing_dashboard import WhichStack, draw_dashboard  # noqa: PLC0415 - it takes a second, too

    if not given.out.parent.is_dir():
        raise CommandFailed(f"--out {given.out}: found no directory {given.out.parent}, wanted one")
    stack = WhichStack(given.stack, given.endpoint, given.profile, given.database, given.workgroup)
    database = draw_dashboard(stack, given.out)
    said = f"{given.out}   the dashboard over database {database}; open it in a browser"
    output.tell(given, [said], lambda: {"Page": str(given.out), "Database": database})
    output.open_if_wanted(given, given.out)
