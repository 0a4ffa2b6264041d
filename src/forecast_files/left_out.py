"""Rows that are left out: how many for which reason, and where the first of each stands."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Self

from forecast_files.file_format import FileFormat
from forecast_language import said

Reason = Literal["fields", "identifier", "timestamp", "period"]

_WORDS: dict[Reason, str] = {  # of the message of an import, which programs read: `of_sentence`
    "fields": "with another number of fields",
    "identifier": "without an identifier",
    "timestamp": "without a timestamp",
    "period": "in an unfinished last period",
}
_SAID: dict[Reason, Callable[[int], str]] = {  # the same for people, in their language
    "fields": lambda number: said("{number} with another number of fields", number=number),
    "identifier": lambda number: said("{number} without an identifier", number=number),
    "timestamp": lambda number: said("{number} without a timestamp", number=number),
    "period": lambda number: said("{number} in an unfinished last period", number=number),
}
_SENTENCE = re.compile(
    r"\d+ of (\d+) rows? (?:was|were) left out: "
    + "".join(rf"(?:(?:, )?(\d+) {words}(?: \((?:the first: )?(.+?)\))?)?" for words in _WORDS.values())
    + r"\."
)


@dataclass(frozen=True)
class LeftOut:
    """Counts of rows by reason; ``first`` says where the first row of each reason stands: file and line."""

    counts: Mapping[Reason, int] = field(default_factory=dict)
    first: Mapping[Reason, str] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """All rows that are left out; a row has one reason."""
        return sum(self.counts.values())

    @property
    def unasked(self) -> int:
        """Those that are left out though nobody asked for it."""
        return self.total - self.counts.get("period", 0)

    @classmethod
    def sum(cls, parts: Iterable[Self]) -> Self:
        """What all parts leave out; the places are those of the earliest part."""
        counts: dict[Reason, int] = {}
        first: dict[Reason, str] = {}
        for part in parts:
            for reason, count in part.counts.items():
                counts[reason] = counts.get(reason, 0) + count
            first = {**part.first, **first}
        return cls(counts, first)

    def sentence(self, rows: int) -> str:
        """What was left out of ``rows`` rows, for the message of an import, which is English in every process.

        >>> LeftOut({"fields": 1, "timestamp": 2}, {"fields": "s3://b/a.csv, line 3"}).sentence(40)
        '3 of 40 rows were left out: 1 with another number of fields (s3://b/a.csv, line 3), 2 without a timestamp.'
        """
        verb = "row was" if rows == 1 else "rows were"
        reasons = ", ".join(f"{self.counts[reason]} {words}{self._place(reason)}" for reason, words in self._words())
        return f"{self.total} of {rows} {verb} left out: {reasons}."

    @classmethod
    def of_sentence(cls, sentence: str) -> tuple[Self, int] | None:
        """What a ``sentence`` says, and of how many rows; None for any other text."""
        match = _SENTENCE.fullmatch(sentence)
        if match is None:
            return None
        found = dict(zip(_WORDS, zip(match.groups()[1::2], match.groups()[2::2], strict=True), strict=True))
        counts = {reason: int(count) for reason, (count, _) in found.items() if count}
        return cls(counts, {reason: place for reason, (_, place) in found.items() if place}), int(match[1])

    @property
    def reasons(self) -> str:
        """Each reason with its count and its first place, for people."""
        return ", ".join(_SAID[reason](self.counts[reason]) + self._said_place(reason) for reason, _ in self._words())

    def _words(self) -> list[tuple[Reason, str]]:
        """The reasons that there are, with the words of `sentence`."""
        return [(reason, words) for reason, words in _WORDS.items() if self.counts.get(reason)]

    def _said_place(self, reason: Reason) -> str:
        place = self.first.get(reason)
        if not place:
            return ""
        return f" ({place})" if self.counts[reason] == 1 else said(" (the first: {place})", place=place)

    def _place(self, reason: Reason) -> str:
        place = self.first.get(reason)
        if not place:
            return ""
        return f" ({place})" if self.counts[reason] == 1 else f" (the first: {place})"


def reason_to_leave_out(file_format: FileFormat) -> Callable[[list[str]], Reason | None]:
    """Why a row is left out, if it is: a function of its fields."""
    columns = file_format.schema.columns
    roles = [column.role for column in columns]

    def reason_of(row: list[str]) -> Reason | None:
        if len(row) != len(columns):
            return "fields"
        if not row[roles.index("item_id")]:
            return "identifier"
        return "timestamp" if "timestamp" in roles and not row[roles.index("timestamp")].strip() else None

    return reason_of
