"""The options of `almanac forecast`, and what they ask for.

What takes a moment to import is imported where it is used: --help and completion need none of it.
"""

import argparse
import os
import stat
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from forecast_language import said
from local_aws.command.failure import CommandFailed
from local_aws.command.options import argument_types, concurrency, output
from local_aws.command.options.argument_types import one_of
from local_aws.command.out_folder import replaced_whole
from local_aws.command.parsing.parser import Examples
from local_aws.command.progress import Progress
from local_aws.machine import require_embedded_aws
from local_aws.opening.sources import STANDARD_INPUT
from local_aws.periods.methods import METHODS

if TYPE_CHECKING:
    from local_aws.guessing.options import Options
    from local_aws.upload.upload import BucketUpload

DECIMALS = {"comma": ",", "point": "."}
OF_ROWS = ("aggregate", "missing", "keep_partial")  # options on what rows and their absence mean
OF_THE_FORECAST = ("frequency", "horizon", "quantiles", "target", "holidays")
OF_READING = ("sheet", "encoding", "timestamp", "date_order", "decimal", "no_turn")


def examples() -> Examples:
    """What the help shows."""
    return (
        ("almanac forecast sales.csv --dry-run", said("say what is guessed")),
        ("almanac forecast sales.xlsx --open", said("forecast, and look at it")),
        ("almanac forecast sales.csv --frequency weekly --horizon 8 -o next_weeks", said("the next eight weeks")),
        ("almanac forecast sales.csv --quantiles p5,p50,p95 --holidays KR", said("wider intervals, Korea's holidays")),
        (
            "almanac forecast sales.csv --related prices.csv --metadata items.csv",
            said("with prices, and what the items are"),
        ),
        ("cat sales.csv | almanac forecast - --json", said("from a pipe, for a program")),
    )


def add(forecast: argparse.ArgumentParser) -> None:
    """Add the options to the parser of the command."""
    forecast.set_defaults(run=run, interrupted=said("interrupted before a run had begun"))
    forecast.add_argument(
        "files",
        nargs="*",
        metavar="FILE",
        help=said(
            "timestamps, numbers, and what they belong to: CSV, Excel, Parquet or JSON, packed or not;"
            " several with the same columns, a folder, an address, or - for standard input, as without any in a pipe"
        ),
    )
    _add_what_to_forecast(forecast.add_argument_group(said("what to forecast")))
    _add_what_is_read(forecast.add_argument_group(said("what is read beside it")))
    _add_readings(forecast.add_argument_group(said("how files are read")))
    forecast.add_argument("--dry-run", action="store_true", help=said("say what is guessed, and forecast nothing"))
    forecast.add_argument(
        "--endpoint", metavar="URL", help=said("of a running `almanac up` (default: the one on this machine)")
    )
    forecast.add_argument(
        "--fresh",
        action="store_true",
        help=said("on an embedded AWS of its own, though one is up that may know the forecast"),
    )
    concurrency.add(forecast)
    output.add(forecast, opens=said("open the report in a browser"))
    forecast.add_argument(
        "--out",
        "-o",
        type=Path,
        metavar="DIR",
        default=Path("forecast"),
        help=said("for the results (default: forecast)"),
    )


def _add_what_to_forecast(forecast: "argparse._ArgumentGroup") -> None:
    forecast.add_argument("--target", metavar="COLUMN", help=said("the numbers to forecast (default: by name)"))
    forecast.add_argument(
        "--frequency",
        type=argument_types.frequency,
        help=said("Y, Q, M, W, D, B (business days), H, 30min, ...; daily, weekly, ... (default: the data's)"),
    )
    forecast.add_argument(
        "--horizon", type=argument_types.positive, help=said("how many steps to forecast (default: a sensible number)")
    )
    forecast.add_argument(
        "--quantiles",
        type=argument_types.quantiles,
        help=said("as 0.1,0.5,0.9 (the default) or p10,p50,p90; mean may be among them"),
    )
    forecast.add_argument(
        "--aggregate",
        type=one_of(METHODS),
        choices=tuple(METHODS),
        help=said("what rows of one period become (default: by name and values)"),
    )
    forecast.add_argument(
        "--missing",
        type=one_of(("zero", "unknown")),
        choices=("zero", "unknown"),
        help=said("what a period without a row is (default: by series)"),
    )
    forecast.add_argument(
        "--keep-partial",
        action="store_true",
        default=None,
        help=said("forecast from an unfinished last period as well"),
    )
    forecast.add_argument(
        "--as-of",
        type=argument_types.date,
        metavar="DATE",
        help=said("forecast as at the end of this day, without the rows of periods that had not ended"),
    )


def _add_what_is_read(forecast: "argparse._ArgumentGroup") -> None:
    forecast.add_argument(
        "--related",
        metavar="FILE",
        help=said("file of numbers beside them, best known in the future too; none: nothing (default: of rows ahead)"),
    )
    forecast.add_argument("--metadata", metavar="FILE", help=said("file of what is known about each item"))
    forecast.add_argument(
        "--holidays", type=argument_types.country, metavar="COUNTRY", help=said("learn from its holidays: KR, US, ...")
    )
    forecast.add_argument(
        "--params", type=Path, metavar="FILE", help=said("your own params.json; the files go as they are")
    )


def _add_readings(forecast: "argparse._ArgumentGroup") -> None:
    """The options that say how a file is read, where that is not what is guessed."""
    forecast.add_argument(
        "--timestamp",
        type=argument_types.columns,
        metavar="COLUMN[,COLUMN]",
        help=said("what holds the time (default: by name, content)"),
    )
    forecast.add_argument(
        "--decimal",
        type=one_of(DECIMALS),
        choices=tuple(DECIMALS),
        help=said("what stands before decimals, where the data do not tell"),
    )
    forecast.add_argument(
        "--date-order",
        type=one_of(("dmy", "mdy", "ymd")),
        choices=("dmy", "mdy", "ymd"),
        help=said("of day, month and year, where the data do not tell"),
    )
    forecast.add_argument(
        "--no-turn",
        action="store_true",
        default=None,
        help=said("leave columns that are called as dates, months or hours as they are (default: a row for each)"),
    )
    forecast.add_argument("--sheet", metavar="NAME", help=said("of an Excel file (default: the first with rows)"))
    forecast.add_argument("--encoding", metavar="NAME", help=said("of a text that is not UTF-8: cp949, cp1252, ..."))


def run(given: argparse.Namespace) -> None:
    """Forecast, or say what is guessed. DataError and CommandFailed for what keeps it from that."""
    if given.fresh and given.endpoint:
        raise CommandFailed(said("--fresh and --endpoint exclude each other: what is at an endpoint is not fresh"))
    if given.concurrency and given.endpoint:
        raise CommandFailed(
            said(
                "--concurrency and --endpoint exclude each other: `almanac up` decided it for {endpoint}",
                endpoint=given.endpoint,
            )
        )
    given.files = given.files or _what_is_piped(given)
    if given.dry_run:
        _tell_guesses(given)
    else:
        _forecast(given)


def _what_is_piped(given: argparse.Namespace) -> list[str]:
    """Standard input, if a program or a file stands behind it; a terminal is nothing to wait for unasked."""
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (AttributeError, OSError, ValueError):  # there is none
        mode = 0
    if not (stat.S_ISFIFO(mode) or stat.S_ISREG(mode) or stat.S_ISSOCK(mode)):
        given.parser.error(said("which FILE is to be forecast? - is standard input"))
    return [STANDARD_INPUT]


def _tell_guesses(given: argparse.Namespace) -> None:
    from local_aws.upload.guessed_document import document_of  # noqa: PLC0415 - duckdb
    from local_aws.upload.upload import guesses_of  # noqa: PLC0415

    if given.params:
        raise CommandFailed(
            said("--dry-run and --params exclude each other: with {file} nothing is guessed", file=given.params)
        )
    guesses = guesses_of(given.files, _options(given))
    output.tell(given, guesses.sentences, lambda: document_of(guesses))


def _forecast(given: argparse.Namespace) -> None:
    require_embedded_aws()
    from local_aws.embedded.running import Strictness, found_or_started, started_early  # noqa: PLC0415 - as above
    from local_aws.upload.guessed_document import document_of  # noqa: PLC0415

    strictness = Strictness(slots=given.concurrency)
    with (
        Progress(is_quiet=output.is_quiet(given)) as progress,
        replaced_whole(given.out) as out,
        started_early(given.endpoint, strictness, given.fresh) as early,
        tempfile.TemporaryDirectory(prefix="almanac-") as folder,
    ):
        progress.passing(said("reading {files} ...", files=_named(given.files)))
        upload = _upload(given, Path(folder))
        progress.say(said("read {files}", files=_named(given.files)), upload.sentences)
        progress.passing(said("waiting for the embedded AWS ..."))
        from local_aws.command.running_pipeline import forecast  # noqa: PLC0415 - a second, which the start needs, too

        deployed = found_or_started(given.endpoint, progress.say, strictness, early)
        made = forecast(upload, deployed, out, progress, given.endpoint)
        guessed = document_of(upload.guesses) if upload.guesses and given.json else None
    output.tell(given, made.lines(given.out), lambda: made.document(given.out, guessed))
    output.open_if_wanted(given, given.out / "report.html")


def _named(files: list[str]) -> str:
    """The files for a sentence: as they were typed."""
    return " ".join(said("standard input") if file == STANDARD_INPUT else file for file in files)


def _options(given: argparse.Namespace) -> "Options":
    from local_aws.guessing.options import Options  # noqa: PLC0415 - as above
    from local_aws.opening.named_file import Reading  # noqa: PLC0415

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
        as_of=given.as_of,
    )


def _upload(given: argparse.Namespace, folder: Path) -> "BucketUpload":
    """What goes into the bucket; `folder` takes the files that are written anew."""
    from local_aws.upload.upload import upload_as_given, upload_from_guesses  # noqa: PLC0415 - as above

    options = _options(given)
    if not given.params:
        return upload_from_guesses(given.files, options, folder)
    _refuse_guesses(given)
    return upload_as_given(Path(given.files[0]), options, given.params)


def _refuse_guesses(given: argparse.Namespace) -> None:
    if len(given.files) > 1:
        raise CommandFailed(said("{count} FILEs, wanted one beside --params", count=len(given.files)))
    if given.as_of:
        raise CommandFailed(
            said("--as-of and --params exclude each other: with {file} the files go as they are", file=given.params)
        )
    for name in (*OF_THE_FORECAST, *OF_ROWS, *OF_READING):
        if getattr(given, name) is not None:
            option = f"--{name.replace('_', '-')}"
            raise CommandFailed(
                said("{option} and --params exclude each other: {file} says it", option=option, file=given.params)
            )
