"""A frame and a file with the same rows mean the same, and what the command would import makes the same forecast."""

import json
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

import almanac
from almanac.reading import given
from almanac.words import in_python
from local_aws.guessing.options import Options
from local_aws.upload.upload import guesses_of, upload_from_guesses

SAMPLES = Path(__file__).parents[2] / "samples"


def sales() -> pd.DataFrame:
    """Two shops by the day, of which one is closed on Sundays; a day is there twice, and the last week ends early."""
    days = pd.date_range("2023-01-02", periods=200)
    level = np.random.default_rng(1).poisson(20, (2, len(days)))
    frames = [pd.DataFrame({"day": days, "shop": shop, "sold": level[place]}) for place, shop in enumerate("ab")]
    open_days = frames[1][frames[1]["day"].dt.dayofweek < 6]
    return pd.concat([frames[0], open_days, frames[0].iloc[[10]].assign(sold=1)], ignore_index=True)


@pytest.mark.parametrize("sample", ["australian_retail.csv", "fruit_shop/sales.csv"])
def test_a_frame_is_guessed_about_as_its_file_is(sample: str) -> None:
    asked = dict.fromkeys(("horizon", "frequency", "holidays", "aggregate", "missing", "date_order", "decimal")) | {
        "keep_partial": False,
        "no_turn": False,
    }
    read = given(
        pd.read_csv(SAMPLES / sample),
        target=None, timestamp=None, item_id=None, related=None, metadata=None, quantiles=[0.1, 0.5, 0.9], **asked,
    ).guesses()  # fmt: skip
    assert read.notes == tuple(map(in_python, guesses_of(SAMPLES / sample, Options()).sentences))


def test_what_the_command_would_import_are_the_rows_of_the_panel(tmp_path: Path) -> None:
    """By hand from the file that the command writes: one value per shop and week, the unfinished week left out."""
    sales().to_csv(tmp_path / "sales.csv", index=False)
    options = Options(frequency="W")
    upload = upload_from_guesses(tmp_path / "sales.csv", options, tmp_path)
    target = next(file.path for file in upload.files if file.key.startswith("train/"))
    weeks = duckdb.sql(
        f"SELECT item_id, date_trunc('week', timestamp) AS week, sum(target_value) AS sold FROM '{target}'"
        " GROUP BY ALL ORDER BY ALL"
    ).fetchnumpy()
    result = almanac.forecast(sales(), frequency="W")
    assert result.notes == tuple(map(in_python, upload.sentences))
    shards = result._answers.trained.shards
    assert [key for shard in shards for key in shard.keys] == [("a",), ("b",)]
    np.testing.assert_allclose(np.concatenate([s.panel.target.ravel() for s in shards]), weeks["sold"].astype(float))
    request = json.loads(upload.objects[0][1])["AutoPredictor"]
    assert (result.horizon, request["ForecastHorizon"]) == (7, 7)
