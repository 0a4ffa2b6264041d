"""The options of `almanac empty`, and what they ask for."""

import argparse

from forecast_language import said
from local_aws.command.parsing.parser import Examples


def examples() -> Examples:
    """What the help shows."""
    return (
        ("almanac empty almanac", said("in AWS; asks for the name again")),
        ("almanac empty almanac --profile work --yes", said("with a profile of your AWS configuration, in a script")),
    )


def add(empty: argparse.ArgumentParser) -> None:
    """Add the options to the parser of the command."""
    empty.set_defaults(
        run=run,
        interrupted=said("interrupted; what is said to be deleted is gone, the same command goes on with the rest"),
    )
    empty.add_argument("stack", metavar="STACK", help=said("the name that the stack had"))
    where = empty.add_mutually_exclusive_group()
    where.add_argument("--profile", metavar="NAME", help=said("of your AWS configuration (default: what it says)"))
    where.add_argument("--endpoint", metavar="URL", help=said("of a running `almanac up`, in place of AWS"))
    empty.add_argument("--yes", action="store_true", help=said("do not ask; for scripts"))


def run(given: argparse.Namespace) -> None:
    """List what is left and delete it. CommandFailed where the stack is still there, or its name is not typed."""
    from local_aws.command.emptying import Where, empty  # noqa: PLC0415 - boto3 takes a second, --help needs none

    empty(given.stack, Where(given.endpoint, given.profile), asks=not given.yes)
