"""A panel as arrays in one object: training builds it in its first round and reads it again in the others."""

from collections.abc import Iterator

import numpy as np

from forecast_engine import Covariates, Grid, Panel

_KINDS = ("related", "calendar", "attributes")  # of the covariates; their arrays are named "related:price"


def arrays_of(panel: Panel) -> dict[str, np.ndarray]:
    """Arrays from which ``panel_of`` makes the same panel."""
    arrays = {"item_ids": np.array(panel.item_ids, dtype=str), "target": panel.target, "observed": panel.observed}
    for kind in _KINDS:
        arrays |= {f"{kind}:{name}": array for name, array in getattr(panel.covariates, kind).items()}
    return arrays


def panel_of(arrays: dict[str, np.ndarray], grid: Grid) -> Panel:
    """The panel that ``arrays_of`` took apart, but for the count of its merged rows, which the import knows."""
    covariates = Covariates(**{kind: dict(_named(kind, arrays)) for kind in _KINDS})
    item_ids = [str(item_id) for item_id in arrays["item_ids"]]
    return Panel(item_ids, grid, arrays["target"], arrays["observed"], 0, covariates)


def _named(kind: str, arrays: dict[str, np.ndarray]) -> Iterator[tuple[str, np.ndarray]]:
    for name, array in arrays.items():
        if name.startswith(f"{kind}:"):
            yield name.removeprefix(f"{kind}:"), array
