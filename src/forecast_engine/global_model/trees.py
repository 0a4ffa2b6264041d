"""Boosted trees by LightGBM, as text that fits into a JSON document. Who does not come here need not import it."""

import base64
import zlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from lightgbm import Booster

Features = NDArray[np.float32]  # [row, column]
_REPEATABLE: dict[str, Any] = {"seed": 1, "deterministic": True, "force_row_wise": True, "num_threads": 1}


def grown(features: Features, targets: Features, categorical: list[int], parameters: Mapping[str, Any]) -> str:
    """Trees for rows of features and their targets [row]; the same text for the same input."""
    import lightgbm  # noqa: PLC0415

    settings = {**_REPEATABLE, "verbose": -1, **parameters}
    dataset = lightgbm.Dataset(features, targets, categorical_feature=categorical, params=settings)
    text = lightgbm.train(settings, dataset).model_to_string()
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()


def revived(text: str) -> "Booster":
    """The trees that ``grown`` made a text of."""
    import lightgbm  # noqa: PLC0415

    return lightgbm.Booster(model_str=zlib.decompress(base64.b64decode(text)).decode())
