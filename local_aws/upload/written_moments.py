"""Writes timestamps as a file writes them, learnt from the file's own texts, whatever their notation is called."""

import calendar
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

EXCEL_DAY_0 = datetime(1899, 12, 30)
UNIX_DAY_0 = datetime(1970, 1, 1)
NOON = 12
MOST_FORMS = 64  # of texts in which several numbers could be the month
# What a number in a text may be; the likelier meaning comes first.
NUMBERS: Mapping[str, Callable[[datetime], int]] = {
    "year": lambda moment: moment.year,
    "month": lambda moment: moment.month,
    "day": lambda moment: moment.day,
    "hour": lambda moment: moment.hour,
    "minute": lambda moment: moment.minute,
    "second": lambda moment: moment.second,
    "short year": lambda moment: moment.year % 100,
    "hour of 12": lambda moment: moment.hour % NOON or NOON,
    "quarter": lambda moment: (moment.month + 2) // 3,
    "week": lambda moment: moment.isocalendar().week,
    "year of the week": lambda moment: moment.isocalendar().year,
    "weekday": lambda moment: moment.isoweekday(),
    "half": lambda moment: (moment.month + 5) // 6,
    "millisecond": lambda moment: moment.microsecond // 1000,
    "microsecond": lambda moment: moment.microsecond,
    "date": lambda moment: (moment.year * 100 + moment.month) * 100 + moment.day,
    "month of a year": lambda moment: moment.year * 100 + moment.month,
    "short date": lambda moment: (moment.year % 100 * 100 + moment.month) * 100 + moment.day,
    "day of Excel": lambda moment: (moment - EXCEL_DAY_0).days,
    "second of Unix": lambda moment: int((moment - UNIX_DAY_0).total_seconds()),
    "millisecond of Unix": lambda moment: 1000 * int((moment - UNIX_DAY_0).total_seconds()),
    "microsecond of Unix": lambda moment: 10**6 * int((moment - UNIX_DAY_0).total_seconds()),
    "nanosecond of Unix": lambda moment: 10**9 * int((moment - UNIX_DAY_0).total_seconds()),
}
# What words may stand for, and the words that are known beside those of the file: English ones.
WORDS: Mapping[str, tuple[Callable[[datetime], int], tuple[Sequence[str], ...]]] = {
    "month": (lambda moment: moment.month, (tuple(calendar.month_name), tuple(calendar.month_abbr))),
    "weekday": (lambda moment: moment.weekday(), (tuple(calendar.day_name), tuple(calendar.day_abbr))),
    "half of the day": (lambda moment: moment.hour // NOON, (("AM", "PM"), ("a.m.", "p.m."))),
}
CASES: tuple[Callable[[str], str], ...] = (str, str.lower, str.upper)
Write = Callable[[datetime], str]
Sample = tuple[str, datetime]


class NotWritten(Exception):  # noqa: N818 - no error: another form is taken
    """A moment cannot be written in this form."""


@dataclass(frozen=True)
class Form:
    """One way to write all moments of a column: what stands at each place of the text."""

    writers: tuple[Write, ...]

    def text(self, moment: datetime) -> str:
        """The moment as a text. NotWritten if it needs a word that the file does not have."""
        return "".join(write(moment) for write in self.writers)


def forms_of(samples: Sequence[Sample]) -> Iterator[Form]:
    """The forms that write all samples as they stand, the likeliest first. Texts of a rarer shape are left out."""
    split = [(re.findall(r"\d+|\D+", text.strip()), moment) for text, moment in samples]
    shapes = Counter(_shape(tokens) for tokens, _ in split)
    if not shapes:
        return
    shape = shapes.most_common(1)[0][0]
    chosen = [(tokens, moment) for tokens, moment in split if _shape(tokens) == shape]
    places = [[(tokens[place], moment) for tokens, moment in chosen] for place in range(len(shape))]
    options = [[*_writers(at_place)] for at_place in places]
    yield from islice(map(Form, _choices(options, frozenset())), MOST_FORMS)


def _choices(options: Sequence[Sequence[tuple[str, Write]]], taken: frozenset[str]) -> Iterator[tuple[Write, ...]]:
    """One writer for each place, none of a meaning that is taken."""
    if not options:
        yield ()
        return
    for meaning, write in options[0]:
        if meaning not in taken:
            for rest in _choices(options[1:], taken | {meaning} - {""}):
                yield write, *rest


def _shape(tokens: Sequence[str]) -> tuple[bool, ...]:
    return tuple(token[0].isdigit() for token in tokens)


def _writers(samples: Sequence[Sample]) -> Iterator[tuple[str, Write]]:
    """What may stand at one place of all texts: its meaning ("" for what never changes), and how it is written."""
    texts = {text for text, _ in samples}
    if samples[0][0][0].isdigit():
        yield from _number_writers(samples)
    elif len(texts) > 1:
        yield from _word_writers(samples)
    if len(texts) == 1:
        constant = samples[0][0]
        yield "", lambda _: constant


def _number_writers(samples: Sequence[Sample]) -> Iterator[tuple[str, Write]]:
    is_padded = any(len(text) > 1 and text.startswith("0") for text, _ in samples)
    width = max(len(text) for text, _ in samples) if is_padded else 0
    for meaning, number in NUMBERS.items():
        if all(int(text) == number(moment) for text, moment in samples):
            yield meaning, lambda moment, number=number: f"{number(moment):0{width}d}"  # type: ignore[misc]


def _word_writers(samples: Sequence[Sample]) -> Iterator[tuple[str, Write]]:
    for meaning, (number, vocabularies) in WORDS.items():
        words: dict[int, str] = {}
        if all(words.setdefault(number(moment), text) == text for text, moment in samples):
            known = next((all_ for all_ in map(_completed(words), vocabularies) if all_), words)
            yield meaning, _word_writer(number, known)


def _completed(words: Mapping[int, str]) -> Callable[[Sequence[str]], dict[int, str]]:
    """With the other words of a vocabulary, written alike and with the same around them; {} if these are not of it."""

    def with_vocabulary(vocabulary: Sequence[str]) -> dict[int, str]:
        for case in CASES:
            number, text = next(iter(words.items()))
            before, found, behind = text.partition(case(vocabulary[number]))
            complete = {n: f"{before}{case(word)}{behind}" for n, word in enumerate(vocabulary)}
            if found and all(complete[n] == word for n, word in words.items()):
                return complete
        return {}

    return with_vocabulary


def _word_writer(number: Callable[[datetime], int], words: Mapping[int, str]) -> Write:
    def write(moment: datetime) -> str:
        if number(moment) not in words:
            raise NotWritten
        return words[number(moment)]

    return write
