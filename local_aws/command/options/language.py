"""`--lang`: which language the command speaks, before or behind its name; and argparse's own words in that language."""

import argparse
import os
from collections.abc import Sequence

from forecast_language import LANGUAGES, foreign, language_of, said
from local_aws.command.options.argument_types import one_of
from local_aws.command.parsing.parser import CommandParser

OPTION = "--lang"
NOT_OURS = "--"  # what follows is a program, with options of its own

# argparse asks these two names for its words; `gettext` itself would want them compiled (decision 0641).
argparse._ = foreign  # type: ignore[attr-defined]
argparse.ngettext = lambda one, several, number: foreign(one if number == 1 else several)  # type: ignore[attr-defined]


def add(parser: argparse.ArgumentParser) -> None:
    """Add the option, for the help: `language_and_rest` has taken it out of what is parsed."""
    parser.add_argument(
        OPTION,
        type=one_of(LANGUAGES),
        choices=LANGUAGES,
        help=said("the language to speak (default: the locale's, else English)"),
    )


def language_and_rest(words: Sequence[str]) -> tuple[str, list[str]]:
    """The language to speak, of `--lang` or else of the environment; and the words without it. SystemExit 2 for others.

    It is known before all else, since help and errors are written in it.
    """
    end = words.index(NOT_OURS) if NOT_OURS in words else len(words)
    parser = CommandParser("almanac", usage="%(prog)s COMMAND [options]", add_help=False, allow_abbrev=False)
    add(parser)
    given, rest = parser.parse_known_args(list(words[:end]))
    return given.lang or language_of(os.environ), [*rest, *words[end:]]
