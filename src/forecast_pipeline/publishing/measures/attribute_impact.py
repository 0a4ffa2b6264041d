"""How much related time series, metadata and holidays moved the forecast: the scores of the exported explanation."""

import csv
from collections.abc import Sequence
from pathlib import Path

SCORE = "-NormalizedImpactScore"


def read_impact(paths: Sequence[Path]) -> dict[str, float]:
    """Attribute -> its score, the largest first. The explainability of a predictor has one row of scores.

    score = sign(total impact) * size / largest size, between -1 and 1. An attribute with a negative score lowers the
    forecast on the whole. ValueError if the export has another form.
    """
    rows = [row for path in paths for row in _rows(path)]
    if len(rows) != 1:
        raise ValueError(f"explainability export: found {len(rows)} rows, wanted one for the whole predictor")
    scores = {name.removesuffix(SCORE): float(value) for name, value in rows[0].items() if name.endswith(SCORE)}
    if not scores:
        raise ValueError(f"explainability export: found the columns {', '.join(rows[0])}, wanted <attribute>{SCORE}")
    return dict(sorted(scores.items(), key=lambda entry: (-abs(entry[1]), entry[0])))


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
