"""argparse as people know commands: examples in the help, the usage of the right command, "did you mean"."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

from forecast_language import columns, padded, said, wrapped
from local_aws.notations.closest import meant

COMMAND = "COMMAND"
MOST_COLUMNS = 75  # of an example and what it does, in a terminal of 80
Examples = Sequence[tuple[str, str]]  # what is typed behind $, and what it does


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """The description as it stands, and help in lines by the columns of its letters: Hangul takes two each."""

    def _split_lines(self, text: str, width: int) -> list[str]:
        return wrapped(text, width)


class CommandParser(argparse.ArgumentParser):
    """The parser of `almanac`, or of one of its commands, whose help ends with examples."""

    def __init__(self, prog: str, *, examples: Examples = (), closing: str = "", **settings: Any) -> None:
        """`closing` is what the help ends with, behind the examples."""
        super().__init__(prog, **settings, formatter_class=_Formatter)
        self.examples = examples
        self.epilog = "\n\n".join(filter(None, (in_lines(said("examples"), examples), closing))) or None
        self.set_defaults(parser=self)

    def commands(self) -> "dict[str, CommandParser]":
        """The parser of each command; nothing where this is the parser of one."""
        found = (action.choices for action in self._actions if isinstance(action, argparse._SubParsersAction))
        return dict(next(found, {}))

    def options(self) -> list[str]:
        """All options, in their long form where they have one."""
        return [option for action in self._actions for option in action.option_strings if option.startswith("--")]

    def error(self, message: str) -> NoReturn:
        """Say the usage, what is wrong and where help is; exit status 2."""
        self.print_usage(sys.stderr)
        more = said("{command} --help says more", command=self.prog)
        self.exit(2, f"{self.prog}: {message}\n{more}\n")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Refuse what is no choice, and say which was probably meant."""
        if action.choices is None or value in action.choices:
            return
        choices = [str(choice) for choice in action.choices]
        if isinstance(action, argparse._SubParsersAction):
            instead = _forecast_of_file(self.prog, value) or meant(value, choices)
            raise argparse.ArgumentError(None, said("there is no command {command!r}", command=value) + instead)
        refused = said("{text!r} is none of {choices}", text=value, choices=", ".join(choices))
        raise argparse.ArgumentError(action, refused + meant(str(value), choices))


def parsed(parser: CommandParser, arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """What is asked for. SystemExit 2 where that is not to be understood, with a sentence on standard error."""
    words = [*(sys.argv[1:] if arguments is None else arguments)]
    given, unknown = parser.parse_known_args([*_command_in_lower_case(words, parser.commands())])
    if unknown:
        option = next((word for word in unknown if word.startswith("-")), unknown[0]).partition("=")[0]
        is_option = option.startswith("-")
        refused = (
            said("there is no option {option}", option=option)
            if is_option
            else said("{text!r} is one argument too many", text=option)
        )
        given.parser.error(refused + meant(option, given.parser.options()))
    return given


def _command_in_lower_case(words: Sequence[str], commands: "dict[str, CommandParser]") -> Iterator[str]:
    place = next((place for place, word in enumerate(words) if not word.startswith("-")), None)
    for i, word in enumerate(words):
        yield word.lower() if i == place and word.lower() in commands else word


def _forecast_of_file(program: str, word: str) -> str:
    """The end of a sentence for who names a file alone."""
    is_file = Path(word).exists() or Path(word).suffix
    return said("; did you mean {name}?", name=f"{program} forecast {word}") if is_file else ""


def in_lines(heading: str, examples: Examples) -> str:
    """Examples below a heading, each beside what it does where both fit a terminal; nothing where there are none."""
    if not examples:
        return ""
    width = max(columns(typed) for typed, _ in examples)
    beside = width + max(columns(does) for _, does in examples) <= MOST_COLUMNS
    lines = (f"  {padded(typed, width)}  {does}" if beside else f"  {typed}\n      {does}" for typed, does in examples)
    return "\n".join((f"{heading}:", *lines))
