"""The columns that a scenario may name: keys, timestamp and attributes of a forecast's related time series."""

from collections.abc import Sequence
from dataclasses import dataclass

from forecast_files.schema import Column, Schema


@dataclass(frozen=True)
class ScenarioColumns:
    """``keys`` are the identifier and the forecast dimensions, ``related`` the attributes that a scenario may change.

    ``related_keys`` are the keys that the related time series has too: it may lack dimensions.
    """

    keys: tuple[Column, ...]
    related_keys: tuple[Column, ...]
    timestamp: Column
    related: tuple[Column, ...]
    metadata: tuple[Column, ...]

    @classmethod
    def of_schemas(
        cls, target: Schema, dimensions: Sequence[str], related: Schema, metadata: Schema | None
    ) -> "ScenarioColumns":
        """The columns of a forecast that has these datasets; ``dimensions`` are those it is made for."""
        by_name = {column.name: column for column in target.key_columns}
        keys = (target.identifier, *(by_name[name] for name in dimensions))
        related_names = {column.name for column in related.of_role("dimension")}
        return cls(
            keys=keys,
            related_keys=tuple(key for key in keys if key.role == "item_id" or key.name in related_names),
            timestamp=related.of_role("timestamp")[0],
            related=tuple(related.of_role("feature")),
            metadata=tuple(metadata.of_role("feature")) if metadata else (),
        )

    def related_named(self, name: str) -> Column | None:
        """The related attribute of a name, whose case does not matter; None where there is none."""
        return _named(name, self.related)

    def key_named(self, name: str) -> Column | None:
        """The identifier or dimension of a name; None where there is none."""
        return _named(name, self.keys)


def _named(name: str, columns: Sequence[Column]) -> Column | None:
    return next((column for column in columns if column.name.lower() == name.lower()), None)
