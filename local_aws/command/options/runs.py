"""The options of `almanac runs`, `almanac run` and `almanac publish`, and what they ask for.

What takes a second to import is imported where it is used: --help needs none of it.
"""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from local_aws.command.failure import CommandFailed
from local_aws.command.options import argument_types, output, which_stack

if TYPE_CHECKING:
    from local_aws.operating.stack import Stack

MOST_RUNS = 20
RUNS_EXAMPLES = (
    ("almanac runs", "the newest of `almanac up`'s stack"),
    ("almanac runs --most 3 --json", "the newest three, with all that is known of each"),
    ("almanac runs --profile work --stack almanac", "of a stack in AWS"),
)
RUN_EXAMPLES = (
    ("almanac run", "over what is in the bucket now"),
    ("almanac run --as-of 2025-06-30", "the forecast as it would have been made on that day, kept beside"),
    ("almanac run --profile work --stack almanac", "of a stack in AWS"),
)
PUBLISH_EXAMPLES = (("almanac publish 2026-01-05-9f3c1a2b7d", "that run's forecast becomes the latest"),)


def add_runs(runs: argparse.ArgumentParser) -> None:
    """Add the options to the parser of `almanac runs`."""
    runs.set_defaults(run=list_runs)
    runs.add_argument(
        "--most",
        type=argument_types.positive,
        metavar="N",
        default=MOST_RUNS,
        help=f"the newest (default: {MOST_RUNS})",
    )
    which_stack.add(runs)
    output.add(runs)


def add_run(run: argparse.ArgumentParser) -> None:
    """Add the options to the parser of `almanac run`."""
    run.set_defaults(run=start_run, interrupted="interrupted; almanac runs says whether a run has begun")
    run.add_argument(
        "--as-of",
        type=argument_types.date,
        metavar="DATE",
        help="forecast as at the end of an old day, kept beside the latest forecast (default: from all there is)",
    )
    which_stack.add(run)
    output.add(run)


def add_publish(publish: argparse.ArgumentParser) -> None:
    """Add the options to the parser of `almanac publish`."""
    publish.set_defaults(run=publish_run, interrupted="interrupted; almanac runs says which run is the latest")
    publish.add_argument("name", metavar="RUN", help="as `almanac runs` and the mails call it")
    which_stack.add(publish)
    output.add(publish)


def list_runs(given: argparse.Namespace) -> None:
    """Print the newest runs, and what no run was started for yet. CommandFailed where no stack answers."""
    from local_aws.operating.not_run_yet import changes_not_run  # noqa: PLC0415 - see above
    from local_aws.operating.runs import document_of, runs_of, table_of, with_what_made_them  # noqa: PLC0415

    with _stack(given) as stack:
        found, changes = runs_of(stack, given.most), changes_not_run(stack)
        if given.json:
            found = with_what_made_them(stack, found)
    lines = [table_of(found), *([changes] if changes else [])]
    output.tell(given, lines, lambda: document_of(stack.name, found) | {"NotRunYet": changes})


def start_run(given: argparse.Namespace) -> None:
    """Start the pipeline over what is in the bucket now; what was run already is not run again."""
    with _stack(given) as stack:
        answer = stack.invoke("StartPipelineFunction", {"AsOf": given.as_of.isoformat()} if given.as_of else {})
    if answer.get("Started"):
        said = f"run {answer['Run']} has begun; almanac runs says how it goes"
    elif "Run" in answer:
        same = f"the same content as of {given.as_of}" if given.as_of else "the same content"
        said = f"nothing has begun: run {answer['Run']} was over {same}"
    else:
        said = f"nothing has begun: {answer['Reason']}"
    output.tell(given, [said], lambda: answer)


def publish_run(given: argparse.Namespace) -> None:
    """Make a run of the history the latest forecast. CommandFailed where there is no such run."""
    with _stack(given) as stack:
        answer = stack.invoke("PublishRunFunction", {"Run": given.name})
    before = answer["Before"]
    was = "there was none before" if before is None else f"it was run {before}" if before != given.name else "as before"
    output.tell(given, [f"run {given.name} is the latest forecast now; {was}"], lambda: answer)


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
