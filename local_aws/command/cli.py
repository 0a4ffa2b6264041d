"""Forecast a file on this machine, keep an AWS up here, look after a stack."""

import argparse
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from forecast_language import said, speaking
from local_aws.command.failure import CommandFailed
from local_aws.command.options import completion, cost, dashboard, empty, forecast, language, runs, up
from local_aws.command.parsing.parser import COMMAND, CommandParser, Examples, in_lines, parsed
from local_aws.opening.data_error import DataError

INTERRUPTED_QUERY = "Query interrupted"  # how duckdb passes on Ctrl-C
EXPECTED_ERRORS = (DataError, CommandFailed, OSError)
INTERRUPTED, PIPE_CLOSED, TERMINATED = 130, 141, 143  # 128 and the number of a signal; not all have each


def first_steps() -> Examples:
    """What one would do first."""
    return (
        ("almanac forecast sales.csv --dry-run", said("say what is guessed of a file")),
        ("almanac forecast sales.csv --open", said("forecast it, and look at the report")),
        ("almanac up", said("keep an AWS up, to work with")),
    )


def exit_statuses() -> str:
    """What each exit status says, for the help."""
    meanings = {
        "0": said("all went well"),
        "1": said("it could not be done; one sentence on standard error says why"),
        "2": said("the command was not understood"),
        "130": said("interrupted by Ctrl-C"),
        "141": said("nobody reads what it prints any more"),
        "143": said("terminated"),
    }
    lines = [f"  {status:<4} {meaning}" for status, meaning in meanings.items()]
    of_program = said("almanac up -- PROGRAM has that of the program")
    return "\n".join((said("exit status:"), *lines, f"  {of_program}"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; its exit status is one of `exit_statuses`."""
    spoken, words = language.language_and_rest(sys.argv[1:] if arguments is None else arguments)
    with speaking(spoken):
        return _obeyed(words)


def _obeyed(words: Sequence[str]) -> int:
    whole = parser()
    completion.answer_shell(whole)
    if not words:
        whole.print_help()
        return 2
    given = parsed(whole, words)
    with _signals_end_it():
        try:
            status = int(given.run(given) or 0)
            sys.stdout.flush()
            return status
        except BrokenPipeError:
            _write_nothing_more()
            return PIPE_CLOSED
        except EXPECTED_ERRORS as error:
            print(f"almanac: {error}", file=sys.stderr)
            return 1
        except KeyboardInterrupt as interruption:
            return _interrupted(given, str(interruption))
        except RuntimeError as error:
            if str(error) != INTERRUPTED_QUERY:
                raise
            return _interrupted(given)


@contextmanager
def _signals_end_it() -> Iterator[None]:
    """Either signal stops on the way out what was started."""
    before = {
        signal.SIGTERM: signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED)),
        signal.SIGINT: signal.signal(signal.SIGINT, signal.default_int_handler),  # ignored in a script's background job
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupted(given: argparse.Namespace, sentence: str = "") -> int:
    """Say what goes on, or what the command says of itself."""
    told = sentence or given.interrupted
    if told:
        over_the_echo = "\r" if sys.stderr.isatty() else ""  # of ^C
        print(f"{over_the_echo}almanac: {told}", file=sys.stderr)
    return INTERRUPTED


def _write_nothing_more() -> None:
    """Keep Python from writing at its end what nobody reads."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def parser() -> CommandParser:
    """What understands the words behind `almanac`; each command's own parser is one of its `commands()`."""
    does = said("forecast a file on this machine, keep an AWS up here, look after a stack")
    whole = CommandParser(
        "almanac",
        usage="%(prog)s COMMAND [options]",
        description=f"{does[0].upper()}{does[1:]}\n\n{in_lines(said('begin with'), first_steps())}",
        closing=exit_statuses(),
    )
    whole.add_argument("--version", action=_Version, nargs=0, help=said("say which version this is"))
    language.add(whole)
    commands = whole.add_subparsers(
        dest="command", required=True, metavar=COMMAND, title=said("commands"), prog="almanac"
    )
    _add_commands(commands)
    return whole


def _add_commands(commands: "argparse._SubParsersAction[CommandParser]") -> None:
    def command(name: str, does: str, add: Callable[..., None], examples: Examples, usage: str = "") -> None:
        added = commands.add_parser(
            name,
            help=does,
            description=does[0].upper() + does[1:],
            usage=f"%(prog)s [options] {usage}".rstrip(),
            examples=examples,
        )
        added.set_defaults(interrupted=said("interrupted"))
        add(added)

    command("forecast", said("forecast the series of a file"), forecast.add, forecast.examples(), "FILE [FILE ...]")
    command("up", said("keep the embedded AWS running until Ctrl-C"), up.add, up.examples(), "[-- PROGRAM ...]")
    command("dashboard", said("draw what a stack has published, as one page"), dashboard.add, dashboard.examples())
    command("runs", said("list the runs of a stack, and what became of them"), runs.add_runs, runs.examples_of_runs())
    command("run", said("start the pipeline of a stack by hand"), runs.add_run, runs.examples_of_run())
    command(
        "publish",
        said("make a run that was held back, or an earlier one, the latest forecast"),
        runs.add_publish,
        runs.examples_of_publish(),
        "RUN",
    )
    command("cost", said("say what runs used, and what that costs at a price list"), cost.add, cost.examples())
    command("empty", said("delete what a deleted stack has left in AWS"), empty.add, empty.examples(), "STACK")
    does = said("print what a shell needs to complete commands, options and files")
    command("completion", does, completion.add, completion.examples(), "SHELL")


class _Version(argparse.Action):
    """Says the version of what is installed; found out only when asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        from importlib.metadata import version  # noqa: PLC0415 - see above

        print(f"almanac {version('almanac-forecast')}")
        parser.exit()


if __name__ == "__main__":
    sys.exit(main())
