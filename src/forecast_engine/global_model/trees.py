"""Boosted trees by LightGBM, as text that fits into a JSON document. Who does not come here need not import it."""

import base64
import importlib
import sys
import zlib
from functools import lru_cache
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from forecast_engine.arrays.reductions import Array

Features = NDArray[np.float32]  # [row, column]
_TREES_KEPT = 8  # two demand classes of two fits, of two panels
Parameters = dict[str, bool | int | float | str]  # of LightGBM
_REPEATABLE: Parameters = {"seed": 1, "deterministic": True, "force_col_wise": True, "num_threads": 1}


def grown(
    features: Features,
    targets: Features,
    categorical: list[int],
    parameters: Parameters,
    weights: Features | None = None,
) -> str:
    """Trees for rows of features and their targets [row], weighted; the same text for the same input."""
    lightgbm = _lightgbm()
    settings = {**_REPEATABLE, "verbose": -1, **parameters}
    dataset = lightgbm.Dataset(features, targets, weight=weights, categorical_feature=categorical, params=settings)
    text = lightgbm.train(settings, dataset).model_to_string()
    return base64.b64encode(zlib.compress(text.encode())).decode()


class Trees:
    """The trees that ``grown`` made a text of, at work."""

    def __init__(self, text: str) -> None:
        """``text``: what ``grown`` gave."""
        lightgbm = _lightgbm()
        self._booster = lightgbm.Booster(model_str=zlib.decompress(base64.b64decode(text)).decode())

    def predict(self, features: Features) -> Array:
        """Predictions [row]."""
        if not len(features):
            return np.zeros(0)
        return np.asarray(self._booster.predict(features, num_threads=1))

    def impacts(self, features: Features, columns: list[str], groups: list[str]) -> Array:
        """Shapley values [row, group], those of the features whose entry in ``columns`` is the group added up.

        See Lundberg and Lee, A unified approach to interpreting model predictions (2017); for trees exact, by
        LightGBM's ``pred_contrib``. All columns' values and the mean prediction add up to the prediction.
        """
        if not len(features):
            return np.zeros((0, len(groups)))
        values = np.asarray(self._booster.predict(features, num_threads=1, pred_contrib=True))
        chosen = [[column for column, name in enumerate(columns) if name == group] for group in groups]
        return np.stack([values[:, own].sum(axis=1) for own in chosen], axis=1)


@lru_cache(maxsize=_TREES_KEPT)
def trees_of(text: str) -> Trees:
    """The trees of a text, read once while shards of the same panel come one after the other."""
    return Trees(text)


def _lightgbm() -> ModuleType:
    """LightGBM, without pandas unless that is there already: a quarter of a second for data frames that never come."""
    hidden = "pandas" not in sys.modules
    if hidden:
        sys.modules["pandas"] = None  # type: ignore[assignment]  # importing it is then an ImportError
    try:
        return importlib.import_module("lightgbm")
    finally:
        if hidden:
            del sys.modules["pandas"]
