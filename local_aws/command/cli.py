"""The `almanac` command: forecast a file on this machine, keep the embedded AWS up to work with, look after a stack."""

import argparse
import os
import signal
import sys
import tempfile
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

from local_aws.command.failure import CommandFailed
from local_aws.command.options import argument_types, cost, dashboard, empty, runs
from local_aws.command.progress import Progress
from local_aws.embedded.glue.spark import SparkMissingError, installed_spark
from local_aws.guessing.options import Options
from local_aws.guessing.table import DataError
from local_aws.opening.named_file import Reading
from local_aws.periods.aggregation import METHODS
from local_aws.upload.upload import BucketUpload, guesses_of, upload_as_given, upload_from_guesses

DECIMALS = {"comma": ",", "point": "."}
OF_ROWS = ("aggregate", "missing", "keep_partial")  # options on what rows and their absence mean
OF_THE_FORECAST = ("frequency", "horizon", "quantiles", "target", "holidays")
OF_READING = ("sheet", "encoding", "timestamp", "date_order", "decimal", "no_turn")
INTERRUPTED_QUERY = "Query interrupted"  # how duckdb passes on Ctrl-C
EXPECTED_ERRORS = (DataError, CommandFailed, OSError)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 when all went well, 1 with one sentence on standard error when not, 2 for a wrong usage.

    `almanac up -- PROGRAM` gives the exit status of the program.
    """
    given = _parser().parse_args(arguments)
    before = {  # either way, what was started is stopped on the way out
        signal.SIGTERM: signal.signal(signal.SIGTERM, lambda *_: sys.exit(143)),
        signal.SIGINT: signal.signal(signal.SIGINT, signal.default_int_handler),  # ignored in a script's background job
    }
    try:
        return int(given.run(given) or 0)
    except EXPECTED_ERRORS as error:
        print(f"almanac: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except RuntimeError as error:
        if str(error) != INTERRUPTED_QUERY:
            raise
        return 130
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("almanac", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    forecast = commands.add_parser("forecast", help="forecast the series of a file")
    _add_what_to_forecast(forecast)
    _add_what_is_read(forecast)
    forecast.set_defaults(run=_forecast)
    dashboard.add(commands.add_parser("dashboard", help="draw what a stack has published, as one page"))
    cost.add(commands.add_parser("cost", help="say what runs used, and what that costs at a price list"))
    empty.add(commands.add_parser("empty", help="delete what a deleted stack has left in AWS"))
    runs.add(
        commands.add_parser("runs", help="list the runs of a stack, and what became of them"),
        commands.add_parser("run", help="start the pipeline of a stack by hand"),
        commands.add_parser("publish", help="make a run that was held back, or an earlier one, the latest forecast"),
    )
    up = commands.add_parser("up", help="keep the embedded AWS running until Ctrl-C")
    up.set_defaults(run=_up)
    up.add_argument(
        "--region", type=argument_types.region, help="default: the environment's or the profile's, else us-east-1"
    )
    up.add_argument("--port", type=argument_types.port, default=0, help="default: a free one")
    up.add_argument(
        "--data", type=Path, metavar="DIR", help="keep its state in this folder, and go on with what is kept there"
    )
    up.add_argument("--glue", action="store_true", help="do not start without the Spark that runs Glue jobs")
    up.add_argument("--iam", action="store_true", help="refuse what a function's role does not allow, as AWS would")
    _add_concurrency(up)
    up.add_argument(
        "program", nargs="*", metavar="-- PROGRAM", help="run this on it and end with it, rather than wait for Ctrl-C"
    )
    return parser


def _add_what_to_forecast(forecast: argparse.ArgumentParser) -> None:
    forecast.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="timestamps, numbers, and what they belong to: CSV, Excel, Parquet or JSON, packed or not;"
        " several with the same columns, a folder, an address, or - for standard input",
    )
    forecast.add_argument(
        "--frequency",
        type=argument_types.frequency,
        help="of the forecast: Y, M, W, D, B (business days), H, 30min, ... (default: the data's)",
    )
    forecast.add_argument(
        "--horizon", type=argument_types.positive, help="how many steps to forecast (default: a sensible number)"
    )
    forecast.add_argument(
        "--quantiles", type=argument_types.quantiles, help="default: 0.1,0.5,0.9; mean may be among them"
    )
    forecast.add_argument(
        "--aggregate", choices=tuple(METHODS), help="what rows of one period become (default: by name and values)"
    )
    forecast.add_argument(
        "--missing", choices=("zero", "unknown"), help="what a period without a row is (default: by series)"
    )
    forecast.add_argument(
        "--keep-partial", action="store_true", default=None, help="forecast from an unfinished last period as well"
    )


def _add_what_is_read(forecast: argparse.ArgumentParser) -> None:
    forecast.add_argument("--target", metavar="COLUMN", help="the numbers to forecast (default: by name)")
    _add_readings(forecast)
    forecast.add_argument(
        "--related",
        metavar="FILE",
        help="file of numbers beside them, best known in the future too; none: nothing (default: of rows ahead)",
    )
    forecast.add_argument("--metadata", metavar="FILE", help="file of what is known about each item")
    forecast.add_argument(
        "--holidays", type=argument_types.country, metavar="COUNTRY", help="learn from its holidays: KR, US, ..."
    )
    forecast.add_argument("--params", type=Path, metavar="FILE", help="your own params.json; the files go as they are")
    forecast.add_argument("--dry-run", action="store_true", help="say what is guessed, and forecast nothing")
    forecast.add_argument("--out", type=Path, metavar="DIR", default=Path("forecast"), help="default: forecast")
    forecast.add_argument(
        "--endpoint", metavar="URL", help="of a running `almanac up` (default: the one on this machine)"
    )
    _add_concurrency(forecast)


def _add_concurrency(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--concurrency",
        type=argument_types.positive,
        metavar="N",
        default=0,
        help="refuse more than N functions at a time, as an account of AWS does, at its pace (default: no limit)",
    )


def _add_readings(forecast: argparse.ArgumentParser) -> None:
    """The options that say how a file is read, where that is not what is guessed."""
    forecast.add_argument(
        "--timestamp",
        type=argument_types.columns,
        metavar="COLUMN[,COLUMN]",
        help="what holds the time (default: by name, content)",
    )
    forecast.add_argument(
        "--decimal", choices=("comma", "point"), help="what stands before decimals, where the data do not tell"
    )
    forecast.add_argument(
        "--date-order", choices=("dmy", "mdy", "ymd"), help="of day, month and year, where the data do not tell"
    )
    forecast.add_argument(
        "--no-turn",
        action="store_true",
        default=None,
        help="leave columns that are called as dates, months or hours as they are (default: a row for each)",
    )
    forecast.add_argument("--sheet", metavar="NAME", help="of an Excel file (default: the first with rows)")
    forecast.add_argument("--encoding", metavar="NAME", help="of a text that is not UTF-8: cp949, cp1252, ...")


def _forecast(given: argparse.Namespace) -> None:
    if given.concurrency and given.endpoint:
        raise DataError(
            f"--concurrency and --endpoint exclude each other: `almanac up` decided it for {given.endpoint}"
        )
    if given.dry_run:
        _print_guesses(given)
        return
    from local_aws.embedded.running import Strictness, found_or_started, started_early  # noqa: PLC0415 - --dry-run needs none

    progress, strictness = Progress(), Strictness(slots=given.concurrency)
    with started_early(given.endpoint, strictness) as early, tempfile.TemporaryDirectory(prefix="almanac-") as folder:
        upload = _upload(given, Path(folder))
        _require_folder(given.out)
        progress.say(f"read {' '.join(given.files)}")
        progress.stream.writelines(f"            {sentence}\n" for sentence in upload.sentences)
        from local_aws.command.running_pipeline import forecast  # noqa: PLC0415 - a second, which the start needs, too

        forecast(upload, found_or_started(given.endpoint, progress.say, strictness, early), given.out, progress)


def _print_guesses(given: argparse.Namespace) -> None:
    if given.params:
        raise DataError(f"--dry-run and --params exclude each other: with {given.params} nothing is guessed")
    for sentence in guesses_of(given.files, _options(given)).sentences:
        print(sentence)


def _options(given: argparse.Namespace) -> Options:
    return Options(
        given.frequency,
        given.horizon,
        given.quantiles or Options.quantiles,
        given.target,
        given.related,
        given.metadata,
        given.holidays,
        Reading(given.sheet, given.encoding, in_pieces=given.dry_run),
        given.timestamp or (),
        given.date_order,
        given.aggregate,
        given.missing,
        bool(given.keep_partial),
        DECIMALS.get(given.decimal),
        bool(given.no_turn),
    )


def _upload(given: argparse.Namespace, folder: Path) -> BucketUpload:
    """What goes into the bucket; `folder` takes the files that are written anew."""
    options = _options(given)
    if not given.params:
        return upload_from_guesses(given.files, options, folder)
    _refuse_guesses(given)
    return upload_as_given(Path(given.files[0]), options, given.params)


def _require_folder(path: Path) -> None:
    """Find out before the run, not after it, whether its results can be written."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise DataError(f"--out {path}: found a file, wanted a directory") from None
    if not os.access(path, os.W_OK):
        raise DataError(f"--out {path}: may not be written to")


def _refuse_guesses(given: argparse.Namespace) -> None:
    if len(given.files) > 1:
        raise DataError(f"{len(given.files)} FILEs, wanted one beside --params")
    for name in (*OF_THE_FORECAST, *OF_ROWS, *OF_READING):
        if getattr(given, name) is not None:
            raise DataError(f"--{name.replace('_', '-')} and --params exclude each other: {given.params} says it")


def _up(given: argparse.Namespace) -> int:
    from local_aws.command.running_pipeline import keep_up, run_beside  # noqa: PLC0415 - a second, as above
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
            raise DataError("--data and a PROGRAM exclude each other: run the program beside `almanac up --data DIR`")
        return run_beside(given.program, strictness, Progress())
    data = opened(given.data, wanted_region(), named=bool(given.region)) if given.data else nullcontext()
    keep_up(given.port, strictness, data, Progress())
    return 0


def _require_spark() -> None:
    try:
        installed_spark()
    except SparkMissingError as error:
        raise CommandFailed(str(error)) from None


if __name__ == "__main__":
    sys.exit(main())
