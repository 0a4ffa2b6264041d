"""The scores of an explainability, row by row: how much each attribute raises (or, negative, lowers) the forecast."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecast_engine import Array
from forecast_service.storage.bucket import Storage

AGGREGATE = "Aggregate"  # stands where a row is of all series or of all time points
_DOCUMENT, _ARRAYS = "impacts.json", "impacts.npz"


@dataclass(frozen=True)
class ImpactTable:
    """``labels`` [row, label] say what a row is of: item, dimensions and timestamp; nothing where it is of a predictor.

    ``attributes`` name the columns of ``normalized`` [row, attribute], between -1 and 1, and of ``raw``, which is in
    units of the target and compares across the explainabilities of a forecast; NaN in rows of several series.
    """

    label_names: list[str]
    labels: list[tuple[str, ...]]
    attributes: list[str]
    raw: Array
    normalized: Array

    @classmethod
    def of_predictor(cls, attributes: Sequence[str], totals: Array, magnitudes: Array) -> "ImpactTable":
        """One row: ``magnitudes`` [attribute] are sums of absolute impacts, ``totals`` [attribute] sums of impacts.

        score = sign(total) * magnitude / largest magnitude. So an attribute that raises the forecast in winter as much
        as it lowers it in summer has a score, although its total is 0.
        """
        normalized = scaled(np.copysign(magnitudes, totals))[None]
        return cls([], [()], [*attributes], np.full_like(normalized, np.nan), normalized)

    @classmethod
    def of_forecast(
        cls,
        series_names: Sequence[str],
        keys: Sequence[tuple[str, ...]],
        timestamps: Sequence[str] | None,
        attributes: Sequence[str],
        impacts: Array,
    ) -> "ImpactTable":
        """Rows of ``impacts`` [series, time point, attribute]: of each series its time points and their mean, then all.

        Without ``timestamps`` no time point has a row, and scores compare the means of the series. A mean of normalised
        scores is the mean of the rows that it stands for.
        """
        if timestamps is None:
            impacts = impacts.mean(axis=1, keepdims=True)
        normalized = scaled(impacts)
        has_points = timestamps is not None
        labels = [(*key, label) for key in keys for label in (*(timestamps or ()), AGGREGATE)]
        undefined = np.full((1, len(attributes)), np.nan)
        of_all = normalized.mean(axis=1).mean(axis=0)[None]
        return cls(
            [*series_names, "timestamp"],
            [*labels, (AGGREGATE,) * (len(series_names) + 1)],
            [*attributes],
            np.concatenate([_rows(impacts, has_points), undefined]),
            np.concatenate([_rows(normalized, has_points), of_all]),
        )

    @classmethod
    def load(cls, storage: Storage) -> "ImpactTable":
        """The table that a finished explainability left in its storage."""
        document, arrays = storage.read_document(_DOCUMENT), storage.read_arrays(_ARRAYS)
        labels = [tuple(row) for row in document["labels"]]
        return cls(document["label_names"], labels, document["attributes"], arrays["raw"], arrays["normalized"])

    def save(self, storage: Storage) -> None:
        storage.write_arrays(_ARRAYS, {"raw": self.raw, "normalized": self.normalized})
        names = {"label_names": self.label_names, "labels": self.labels, "attributes": self.attributes}
        storage.write_document(_DOCUMENT, names)


def _rows(impacts: Array, has_points: bool) -> Array:
    """[row, attribute]: of each series its time points, if those have rows, and then their mean."""
    means = impacts.mean(axis=1, keepdims=True)
    rows = np.concatenate([impacts, means], axis=1) if has_points else means
    return rows.reshape(-1, impacts.shape[-1])


def scaled(impacts: Array) -> Array:
    """Impacts in shares of the largest among them: between -1 and 1. Zeros stay zeros.

    >>> scaled(np.array([2.0, -4.0, 0.0])).tolist(), scaled(np.zeros(2)).tolist()
    ([0.5, -1.0, 0.0], [0.0, 0.0])
    """
    largest = np.abs(impacts).max(initial=0.0)
    return impacts / largest + 0.0 if largest > 0 else np.zeros_like(impacts)  # + 0.0: no zero is negative
