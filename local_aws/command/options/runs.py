"""The options of `almanac runs`, `almanac run` and `almanac publish`, and what they ask for.

What takes a second to import is imported where it is used: --help needs none of it.
"""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from forecast_language import said
from local_aws.command.failure import CommandFailed
from local_aws.command.options import argument_types, output, which_stack
from local_aws.command.parsing.parser import Examples

if TYPE_CHECKING:
    from local_aws.operating.stack import Stack

MOST_RUNS = 20


def examples_of_runs() -> Examples:
    """What the help of `almanac runs` shows."""
    return (
        ("almanac runs", said("the newest of `almanac up`'s stack")),
        ("almanac runs --most 3 --json", said("the newest three, with all that is known of each")),
        ("almanac runs --profile work --stack almanac", said("of a stack in AWS")),
    )


def examples_of_run() -> Examples:
    """What the help of `almanac run` shows."""
    return (
        ("almanac run", said("over what is in the bucket now")),
        ("almanac run --as-of 2025-06-30", said("the forecast as it would have been made on that day, kept beside")),
        ("almanac run --profile work --stack almanac", said("of a stack in AWS")),
    )


def examples_of_publish() -> Examples:
    """What the help of `almanac publish` shows."""
    return (("almanac publish 2026-01-05-9f3c1a2b7d", said("that run's forecast becomes the latest")),)


def add_runs(runs: argparse.ArgumentParser) -> None:
    """Add the options to the parser of `almanac runs`."""
    runs.set_defaults(run=list_runs)
    runs.add_argument(
        "--most",
        type=argument_types.positive,
        metavar="N",
        default=MOST_RUNS,
        help=said("the newest (default: {number})", number=MOST_RUNS),
    )
    which_stack.add(runs)
    output.add(runs)


def add_run(run: argparse.ArgumentParser) -> None:
    """Add the options to the parser of `almanac run`."""
    run.set_defaults(run=start_run, interrupted=said("interrupted; almanac runs says whether a run has begun"))
    run.add_argument(
        "--as-of",
        type=argument_types.date,
        metavar="DATE",
        help=said("forecast as at the end of an old day, kept beside the latest forecast (default: from all there is)"),
    )
    which_stack.add(run)
    output.add(run)


def add_publish(publish: argparse.ArgumentParser) -> None:
    """Add the options to the parser of `almanac publish`."""
    publish.set_defaults(run=publish_run, interrupted=said("interrupted; almanac runs says which run is the latest"))
    publish.add_argument("name", metavar="RUN", help=said("as `almanac runs` and the mails call it"))
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
        told = said("run {run} has begun; almanac runs says how it goes", run=answer["Run"])
    elif "Run" in answer:
        told = (
            said(
                "nothing has begun: run {run} was over the same content as of {day}", run=answer["Run"], day=given.as_of
            )
            if given.as_of
            else said("nothing has begun: run {run} was over the same content", run=answer["Run"])
        )
    else:
        told = said("nothing has begun: {reason}", reason=answer["Reason"])
    output.tell(given, [told], lambda: answer)


def publish_run(given: argparse.Namespace) -> None:
    """Make a run of the history the latest forecast. CommandFailed where there is no such run."""
    with _stack(given) as stack:
        answer = stack.invoke("PublishRunFunction", {"Run": given.name})
    before = answer["Before"]
    now = said("run {run} is the latest forecast now", run=given.name)
    if before is None:
        was = said("there was none before")
    else:
        was = said("it was run {run}", run=before) if before != given.name else said("as before")
    output.tell(given, [f"{now}; {was}"], lambda: answer)


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
