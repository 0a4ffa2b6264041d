"""The options of `almanac runs`, `almanac run` and `almanac publish`, and what they ask for.

What takes a second to import is imported where it is used: --help needs none of it.
"""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from local_aws.command.failure import CommandFailed
from local_aws.command.options import which_stack

if TYPE_CHECKING:
    from local_aws.operating.stack import Stack

MOST_RUNS = 20


def add(runs: argparse.ArgumentParser, run: argparse.ArgumentParser, publish: argparse.ArgumentParser) -> None:
    """Add the options to the parsers of the three commands."""
    runs.set_defaults(run=list_runs)
    runs.add_argument("--most", type=int, metavar="N", default=MOST_RUNS, help=f"the newest (default: {MOST_RUNS})")
    run.set_defaults(run=start_run)
    publish.set_defaults(run=publish_run)
    publish.add_argument("name", metavar="RUN", help="as `almanac runs` and the mails call it")
    for parser in (runs, run, publish):
        which_stack.add(parser)


def list_runs(given: argparse.Namespace) -> None:
    """Print the newest runs. CommandFailed where no stack answers."""
    from local_aws.operating.runs import runs_of, table_of  # noqa: PLC0415 - see above

    with _stack(given) as stack:
        print(table_of(runs_of(stack, given.most)))


def start_run(given: argparse.Namespace) -> None:
    """Start the pipeline over what is in the bucket now; what was run already is not run again."""
    with _stack(given) as stack:
        answer = stack.invoke("StartPipelineFunction", {})
    if answer.get("Started"):
        print(f"run {answer['Run']} has begun; almanac runs says how it goes")
    elif "Run" in answer:
        print(f"nothing has begun: run {answer['Run']} was over the same content")
    else:
        print(f"nothing has begun: {answer['Reason']}")


def publish_run(given: argparse.Namespace) -> None:
    """Make a run of the history the latest forecast. CommandFailed where there is no such run."""
    with _stack(given) as stack:
        before = stack.invoke("PublishRunFunction", {"Run": given.name})["Before"]
    was = "there was none before" if before is None else f"it was run {before}" if before != given.name else "as before"
    print(f"run {given.name} is the latest forecast now; {was}")


@contextmanager
def _stack(given: argparse.Namespace) -> "Iterator[Stack]":
    """The stack that was asked for; whatever it refuses is a CommandFailed."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - see above

    from local_aws.command.clients import clients_of  # noqa: PLC0415
    from local_aws.embedded.launcher import StartError  # noqa: PLC0415
    from local_aws.operating.stack import OperationError, Stack  # noqa: PLC0415

    try:
        yield Stack(clients_of(given.endpoint, given.profile), given.stack)
    except (BotoCoreError, ClientError, OperationError, StartError) as error:
        raise CommandFailed(str(error)) from error
