"""Rows that are left out: how many for which reason, and where the first of each stands."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Self

Reason = Literal["fields", "identifier", "timestamp"]

_WORDS: dict[Reason, str] = {
    "fields": "with another number of fields",
    "identifier": "without an identifier",
    "timestamp": "without a timestamp",
}


@dataclass(frozen=True)
class LeftOut:
    """Counts of rows by reason; ``first`` says where the first row of each reason stands: file and line."""

    counts: Mapping[Reason, int] = field(default_factory=dict)
    first: Mapping[Reason, str] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """All rows that are left out; a row has one reason."""
        return sum(self.counts.values())

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
        """What was left out of ``rows`` rows, for the message of an import.

        >>> LeftOut({"fields": 1, "timestamp": 2}, {"fields": "s3://b/a.csv, line 3"}).sentence(40)
        '3 of 40 rows were left out: 1 with another number of fields (s3://b/a.csv, line 3), 2 without a timestamp.'
        """
        reasons = [
            f"{self.counts[reason]} {words}{self._place(reason)}"
            for reason, words in _WORDS.items()
            if self.counts.get(reason)
        ]
        verb = "row was" if rows == 1 else "rows were"
        return f"{self.total} of {rows} {verb} left out: {', '.join(reasons)}."

    def _place(self, reason: Reason) -> str:
        place = self.first.get(reason)
        if not place:
            return ""
        return f" ({place})" if self.counts[reason] == 1 else f" (the first: {place})"
