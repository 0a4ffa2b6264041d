"""What docs/api_differences.md says of algorithms is what training does."""

import re
from pathlib import Path

from forecast_engine import MODELS
from forecast_service.panel.algorithms import ALGORITHMS

TEXT = (Path(__file__).parents[3] / "docs" / "api_differences.md").read_text()


def documented() -> dict[str, str]:
    section = TEXT.split("## Algorithms")[1].split("\n## ")[0]
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", section, re.MULTILINE)
    return {name: trains for names, trains in rows for name in names.split(", ") if not names.startswith("Algorithm")}


def test_every_algorithm_is_documented_with_the_models_it_trains() -> None:
    rows = documented()
    assert set(rows) == set(ALGORITHMS)
    for name, algorithm in ALGORITHMS.items():
        if algorithm.models is None:
            assert rows[name].startswith("all models that serve the frequency")
        else:
            assert rows[name] == ", ".join(algorithm.models)


def test_the_models_that_algorithms_train_exist() -> None:
    named = {model for algorithm in ALGORITHMS.values() for model in algorithm.models or ()}
    assert named <= set(MODELS)
