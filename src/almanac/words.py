"""Sentences of the command in the words of Python: ``--keep-partial`` is ``keep_partial=True`` here."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from almanac.errors import DataError
from forecast_files.input_refused import InputRefused
from local_aws.opening.data_error import DataError as FileError

FLAGS = ("keep-partial", "no-turn")
VALUES = r"none|comma|point|zero|unknown|sum|dmy|mdy|ymd|COLUMN|B|D|\d+"
OPTION = re.compile(rf"--([a-z]+(?:-[a-z]+)*)(?: (?:({VALUES})\b(?: or (dmy|mdy|ymd)\b)?|([^:;,()]+)(?=: )))?")
OF_THE_COMMAND = re.compile(r"  \([^()]*--params\b[^()]*\)")  # what the door has no parameter for


def in_python(sentence: str) -> str:
    """The sentence with parameters of ``forecast`` in place of the command's options.

    >>> in_python("frequency   D  (guessed; --frequency overrides)")
    'frequency   D  (guessed; frequency= overrides)'
    >>> in_python("wanted at most 60 with --horizon 90; --keep-partial keeps them")
    'wanted at most 60 with horizon=90; keep_partial=True keeps them'
    >>> in_python("df: --target sold: wanted a column of numbers, or say --date-order dmy or mdy")
    "df: target='sold': wanted a column of numbers, or say date_order='dmy' or 'mdy'"
    """
    return OPTION.sub(_parameter, OF_THE_COMMAND.sub("", sentence))


@contextmanager
def refusals() -> Iterator[None]:
    """Raise whatever refuses the data as a DataError, in the words of Python."""
    try:
        yield
    except DataError:
        raise
    except (FileError, InputRefused, ValueError) as error:
        raise DataError(in_python(str(error))) from error


def _parameter(match: re.Match[str]) -> str:
    option, value, other, name = match.groups()
    parameter = option.replace("-", "_")
    if option in FLAGS:
        return f"{parameter}=True{match[0].removeprefix(f'--{option}')}"
    value = value or name
    if value is None:
        return f"{parameter}="
    return f"{parameter}={value if value.isdigit() else repr(value)}{f' or {other!r}' if other else ''}"
