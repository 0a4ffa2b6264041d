"""How the user writes: what the columns of the results are called, and how their dates are written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice, product
from typing import Any

from forecast_contract.sql import identifier
from local_aws.guessing.roles import Roles
from local_aws.guessing.table import Table
from local_aws.guessing.wide_file import TIMES
from local_aws.upload.written_moments import MOST_FORMS, NotWritten, forms_of

SAMPLE_ROWS = 5000


@dataclass(frozen=True)
class UserForm:
    """The target file and the roles of its columns; ``columns`` maps every attribute to the user's column."""

    table: Table
    roles: Roles
    columns: Mapping[str, str]

    @property
    def has_items(self) -> bool:
        """Whether the file tells items apart: one without is one series, which has no name there."""
        return self.roles.item is not None

    @property
    def time_columns(self) -> tuple[str, ...]:
        """The columns that hold the time in the file."""
        return self.roles.moment.columns

    def dates(self, moments: Sequence[datetime]) -> list[tuple[str, ...]] | None:
        """The moments as the file writes its own, a text for each time column; None if the file does not tell how."""
        samples = self._samples()
        forms = (forms_of([(row[place], row[-1]) for row in samples]) for place in range(len(self.time_columns)))
        for chosen in islice(product(*forms), MOST_FORMS):
            try:
                texts = [tuple(form.text(moment) for form in chosen) for moment in moments]
            except NotWritten:
                continue
            if self._reads(texts, moments):
                return texts
        return None

    def _samples(self) -> list[tuple[Any, ...]]:
        """The latest times of the file: a text for each time column, and the moment that they are."""
        reading = self._reading
        return self.table.query(
            f"SELECT {self._listed}, {reading} AS moment FROM {TIMES if self.roles.turned else 'data'}"
            f" WHERE {reading} IS NOT NULL GROUP BY ALL ORDER BY max(line) DESC LIMIT {SAMPLE_ROWS}"
        )

    def _reads(self, texts: Sequence[tuple[str, ...]], moments: Sequence[datetime]) -> bool:
        """Whether the file's notation reads these texts as these moments: 01/01 does not say which one is the month."""
        unnested = ", ".join(f"unnest(?::VARCHAR[]) AS {identifier(column)}" for column in self.time_columns)
        columns = [[row[place] for row in texts] for place in range(len(self.time_columns))]
        read = self.table.connection.execute(f"SELECT {self._reading} FROM (SELECT {unnested})", columns).fetchall()
        return [moment for (moment,) in read] == list(moments)

    @property
    def _reading(self) -> str:
        return self.roles.moment.notation.reading(identifier(self.time_columns[0]))

    @property
    def _listed(self) -> str:
        return ", ".join(map(identifier, self.time_columns))
