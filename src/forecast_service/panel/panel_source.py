"""Makes the panel of a shard from imports: the target, and the data beside it that a predictor reads."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from forecast_engine import Covariates, Frequency, Grid, Panel, build_panel
from forecast_files.input_refused import InputRefused
from forecast_service.panel.holiday_calendar import holiday_counts
from forecast_service.panel.item_attributes import ItemAttributes
from forecast_service.panel.predictor_plan import PredictorPlan, series_id
from forecast_service.panel.related_series import RelatedSeries, SeriesOfPanel
from forecast_service.records.facts import DataInputs
from forecast_service.storage.bucket import Storage
from forecast_service.storage.imported_dataset import CanonicalRows, ImportedDataset, Key
from forecast_service.storage.shards import shard_count_for_cells


@dataclass(frozen=True)
class PanelSource:
    """The imports that panels are made of, read as a predictor's plan says.

    ``related`` and ``metadata`` are None where the predictor reads none. The grid is that of the target's import, which
    may be newer than the predictor's training data.
    """

    plan: PredictorPlan
    target: CanonicalRows
    related: CanonicalRows | None
    metadata: CanonicalRows | None

    @classmethod
    def of(cls, plan: PredictorPlan, inputs: DataInputs, storage_of: Callable[[str], Storage]) -> "PanelSource":
        """The source for the imports that a record's ``inputs`` name by dataset type.

        Raises InputRefused if they lack what the predictor was trained with.
        """
        source = cls(
            plan,
            ImportedDataset.of(storage_of(inputs["TARGET_TIME_SERIES"])),
            _imported("RELATED_TIME_SERIES", inputs.get("RELATED_TIME_SERIES"), storage_of) if plan.related else None,
            _imported("ITEM_METADATA", inputs.get("ITEM_METADATA"), storage_of) if plan.attributes else None,
        )
        source._refuse_other_columns()
        return source

    @cached_property
    def grid(self) -> Grid:
        return self.plan.grid(self.target.first, self.target.last)

    @property
    def shard_count(self) -> int:
        """The finer of the target's and the predictor's, or finer still where many items are new."""
        counts = [self.target.shard_count, self.plan.shard_count]
        if self._may_hold_new_items:
            items = max(self.target.item_count, self.metadata.item_count) if self.metadata else 0
            counts.append(shard_count_for_cells(items * self.grid.length))
        return max(counts)

    @property
    def shards(self) -> list[int]:
        """Those of ``shard_count`` shards that may hold a series."""
        sources = [self.target]
        if self.metadata and self._may_hold_new_items:
            sources.append(self.metadata)
        count = self.shard_count
        return [shard for shard in range(count) if any(source.holds(shard, count) for source in sources)]

    def panel(
        self, shard: int, shard_count: int, only: set[Key] | None = None, *, with_new_items: bool = True
    ) -> tuple[list[Key], Panel]:
        """The series of a shard: their keys (item, dimensions), and the panel with all that is known of them.

        ``only``: the keys to take; None for all. ``with_new_items`` adds the items that the item metadata name and the
        target lacks, all NaN; but none where dimensions tell series apart, since a new item's dimensions are unknown.
        Raises InputRefused for gaps in related series and for contradicting metadata.
        """
        series = self.target.series(shard, shard_count, self.plan.dimensions, ["target"])
        attributes = self._attributes(shard, shard_count)
        keys = list(series.keys)
        if attributes and with_new_items and self._may_hold_new_items:
            held = {item_id for item_id, *_ in keys}
            keys += [(item_id,) for item_id in attributes.item_ids if item_id not in held]
        if only is not None:
            series = series.only(only)
            keys = [key for key in keys if key in only]
        panel = build_panel(
            series.index,
            series.timestamps,
            series.values["target"],
            [series_id(key) for key in keys],  # those of ``series`` come first, in its order
            self.grid,
            aggregation=self.plan.aggregation,
            fillings=self.plan.fillings,
        )
        covariates = Covariates(
            related=self._related(shard, shard_count, keys, panel),
            calendar=self._calendar,
            attributes=attributes.arrays([item_id for item_id, *_ in keys]) if attributes else {},
        )
        return keys, replace(panel, covariates=covariates)

    @property
    def _may_hold_new_items(self) -> bool:
        return self.metadata is not None and not self.plan.dimensions

    def _attributes(self, shard: int, shard_count: int) -> ItemAttributes | None:
        return ItemAttributes(self.metadata, shard, shard_count, self.plan.attributes) if self.metadata else None

    def _related(self, shard: int, shard_count: int, keys: list[Key], panel: Panel) -> dict[str, np.ndarray]:
        if self.related is None:
            return {}
        observed = panel.observed
        starts = np.where(observed.any(axis=1), observed.argmax(axis=1), self.grid.length)
        related = RelatedSeries(self.related, self.plan.related, self.grid, self.plan.settings.horizon)
        return related.arrays(shard, shard_count, SeriesOfPanel(keys, self.plan.dimensions, starts))

    @cached_property
    def _calendar(self) -> dict[str, np.ndarray]:
        country = self.plan.holiday_country
        if country is None:
            return {}
        return {f"Holiday_{country}": holiday_counts(country, self.grid, self.plan.settings.horizon)}

    def _refuse_other_columns(self) -> None:
        """Refuse data of today that lack an attribute, or a frequency, that the predictor was trained with."""
        if self.related:
            self._refuse_other_dimensions(self.related)
            self._refuse_other_frequency(self.related)
            held = [column.name for column in self.related.schema.of_role("feature") if column.is_number]
            _refuse_missing("related time series", [attribute.name for attribute in self.plan.related], held)
        if self.metadata:
            held = [_described(column) for column in self.metadata.schema.of_role("feature")]
            _refuse_missing("item metadata", [_described(column) for column in self.plan.attributes], held)

    def _refuse_other_dimensions(self, related: CanonicalRows) -> None:
        for column in related.schema.of_role("dimension"):
            if column.name not in self.plan.dimensions:
                raise InputRefused(
                    f"The related time series have the dimension {column.name}, wanted only dimensions of the forecast:"
                    f" {', '.join(self.plan.dimensions) or 'it has none'}."
                )

    def _refuse_other_frequency(self, related: CanonicalRows) -> None:
        own = Frequency.parse(self.plan.frequency)
        if Frequency.parse(related.frequency or self.plan.frequency) != own:
            raise InputRefused(
                f"The related time series are of frequency {related.frequency}, wanted that of the forecast: {own}."
            )


def _imported(dataset_type: str, arn: str | None, storage_of: Callable[[str], Storage]) -> ImportedDataset:
    if arn is None:
        trained = f"The predictor was trained with a {dataset_type} dataset"
        raise InputRefused(f"{trained}; wanted one that holds data in its dataset group, found none.")
    return ImportedDataset.of(storage_of(arn))


def _described(column: Any) -> str:
    """What an attribute of item metadata is to training: a number or a text of some name."""
    return f"{column.name} ({'a number' if column.is_number else 'text'})"


def _refuse_missing(noun: str, needed: list[str], held: list[str]) -> None:
    """Refuse data (``noun`` names them) that do not hold all attributes that are needed."""
    missing = [name for name in needed if name not in held]
    if missing:
        raise InputRefused(
            f"The predictor was trained with {noun} that hold {missing[0]}; found {', '.join(held) or 'no attribute'}."
        )
