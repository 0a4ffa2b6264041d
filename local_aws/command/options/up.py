"""The options of `almanac up`, and what they ask for."""

import argparse
import os
from contextlib import nullcontext
from pathlib import Path

from forecast_language import said
from local_aws.command.failure import CommandFailed
from local_aws.command.options import argument_types, concurrency, output
from local_aws.command.parsing.parser import Examples
from local_aws.command.progress import Progress
from local_aws.machine import require_embedded_aws


def examples() -> Examples:
    """What the help shows."""
    return (
        ("almanac up", said("until Ctrl-C; prints what a shell needs")),
        ("almanac up --data state", said("keep its state in a folder, and go on with it")),
        ("almanac up --region ap-northeast-2", said("as if it stood in Seoul")),
        ("almanac up -- python my_program.py", said("run a program on it, and end with it")),
    )


def add(up: argparse.ArgumentParser) -> None:
    """Add the options to the parser of the command."""
    up.set_defaults(run=run, interrupted="")
    up.add_argument(
        "--region", type=argument_types.region, help=said("default: the environment's or the profile's, else us-east-1")
    )
    up.add_argument("--port", type=argument_types.port, default=0, help=said("default: a free one"))
    up.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help=said("keep its state in this folder, and go on with what is kept there"),
    )
    up.add_argument("--glue", action="store_true", help=said("do not start without the Spark that runs Glue jobs"))
    up.add_argument(
        "--iam", action="store_true", help=said("refuse what a function's role does not allow, as AWS would")
    )
    concurrency.add(up)
    output.add_quiet(up)
    up.add_argument(
        "program",
        nargs="*",
        metavar="-- PROGRAM",
        help=said("run this on it and end with it, rather than wait for Ctrl-C"),
    )


def run(given: argparse.Namespace) -> int:
    """Keep an embedded AWS up, or run a program on one; gives the exit status. CommandFailed if it cannot start."""
    require_embedded_aws()
    from local_aws.command.running_pipeline import keep_up, run_beside  # noqa: PLC0415 - a second, --help needs none
    from local_aws.embedded.keeping.data_folder import opened  # noqa: PLC0415
    from local_aws.embedded.launcher import wanted_region  # noqa: PLC0415
    from local_aws.embedded.running import Strictness  # noqa: PLC0415

    if given.region:
        os.environ["AWS_REGION"] = given.region  # of this process, of the embedded AWS, and of the program
    strictness = Strictness(given.iam, given.concurrency)
    if given.glue:
        _require_spark()
    if given.program:
        if given.data:
            raise CommandFailed(
                said("--data and a PROGRAM exclude each other: run the program beside `almanac up --data DIR`")
            )
        return run_beside(given.program, strictness, Progress(is_quiet=given.quiet))
    data = opened(given.data, wanted_region(), named=bool(given.region)) if given.data else nullcontext()
    keep_up(given.port, strictness, data, Progress(is_quiet=given.quiet))
    return 0


def _require_spark() -> None:
    from local_aws.embedded.glue.spark import SparkMissingError, installed_spark  # noqa: PLC0415 - as above

    try:
        installed_spark()
    except SparkMissingError as error:
        raise CommandFailed(str(error)) from None
