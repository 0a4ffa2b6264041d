"""What comes back has the caller's columns, types and index, whatever library the frame is of."""

import subprocess
import sys

import numpy as np
import pandas as pd
import polars as pl
import pytest

import almanac
from forecast_language import speaking

WEEK = [5, 7, 6, 8, 9, 14, 12]
DAYS = pd.date_range("2024-01-01", periods=56)


def by_shop() -> pd.DataFrame:
    tea = pd.DataFrame({"sold": WEEK * 8, "shop": "tea", "day": DAYS})
    return pd.concat([tea, tea.assign(shop="milk", sold=10 * tea["sold"])], ignore_index=True)


def test_columns_types_and_time_zone_come_back() -> None:
    given = by_shop().astype({"shop": "category"})
    given["day"] = given["day"].dt.tz_localize("Asia/Seoul").dt.as_unit("us")
    frame = almanac.forecast(given, horizon=2, quantiles=[0.1, 0.9, "mean"]).frame
    assert [*frame] == ["shop", "day", "mean", "p10", "p90"]
    assert frame.dtypes[["shop", "day"]].to_list() == given.dtypes[["shop", "day"]].to_list()
    assert frame["shop"].to_list() == ["tea", "tea", "milk", "milk"]  # as they come in the frame
    assert str(frame["day"][0]) == "2024-02-26 00:00:00+09:00"
    assert frame["mean"].round(6).to_list() == [5, 7, 50, 70]


def test_polars_gets_polars() -> None:
    given = pl.from_pandas(by_shop()).with_columns(pl.col("day").cast(pl.Date), pl.col("shop").cast(pl.Categorical))
    result = almanac.forecast(given, horizon=2, quantiles=[0.5])
    assert dict(result.frame.schema) == {"shop": pl.Categorical, "day": pl.Date, "p50": pl.Float64}
    assert result.frame["p50"].round(6).to_list() == [5, 7, 50, 70]
    assert result.models.columns == ["shop", "model", "weight", "note"]
    with pytest.raises(
        almanac.DataError, match=r"df: found polars.LazyFrame, wanted a frame .*call .collect\(\) first"
    ):
        almanac.forecast(given.lazy())


def test_whole_numbers_stay_ids_and_texts_stay_dates() -> None:
    given = by_shop().assign(
        shop=lambda df: df["shop"].map({"tea": 7, "milk": 12}), day=lambda df: df["day"].dt.strftime("%d.%m.%Y")
    )
    frame = almanac.forecast(given, horizon=1, item_id="shop", target="sold").frame
    assert frame["shop"].to_list() == [7, 12]
    assert frame["day"].to_list() == ["26.02.2024"] * 2


def test_an_index_of_times_comes_back_and_a_column_is_a_series() -> None:
    wide = pd.DataFrame({"tea": WEEK * 8, "milk": [10 * sold for sold in WEEK * 8]}, index=DAYS)
    frame = almanac.forecast(wide, horizon=2).frame
    assert frame.index.to_list() == [*pd.to_datetime(["2024-02-26", "2024-02-27"])] * 2
    assert frame.index.name is None
    assert frame["series"].to_list() == ["tea", "tea", "milk", "milk"]
    alone = almanac.forecast(wide["tea"].rename_axis("day"), horizon=2).frame
    assert (alone.index.name, alone["p50"].round(6).to_list()) == ("day", [5, 7])


def test_months_of_pandas_come_back() -> None:
    months = pd.period_range("2018-01", periods=60, freq="M")
    given = pd.DataFrame({"month": months, "sold": [*range(12)] * 5})
    frame = almanac.forecast(given, horizon=2).frame
    assert frame["month"].to_list() == [pd.Period("2023-01", "M"), pd.Period("2023-02", "M")]


def test_hours_that_a_clock_skips_are_left_out_and_said() -> None:
    """Berlin's clocks go from 02:00 to 03:00 on 31 March 2024: that day has 23 hours."""
    hours = pd.date_range("2024-03-17", "2024-03-30 23:00", freq="h", tz="Europe/Berlin")
    result = almanac.forecast(pd.DataFrame({"hour": hours, "load": [*range(24)] * 14}), horizon=24)
    expected = pd.date_range("2024-03-31", periods=23, freq="h", tz="Europe/Berlin")
    assert result.frame["hour"].to_list() == [*expected]
    assert result.notes[-1] == "clock       1 periods are left out, at which clocks are set forward"


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (
            {"target": "slod"},
            "df: found no column 'slod' for target, wanted one of sold, shop, day; did you mean 'sold'?",
        ),
        ({"horizon": 0}, "horizon: found 0, wanted a whole number above 0"),
        ({"horizon": "x"}, "horizon: found 'x', wanted a whole number above 0"),
        ({"horizon": 100}, "df: horizon=100 after 56 steps of history, wanted at most 14"),
        ({"quantiles": [2]}, "quantiles: found 2, wanted numbers from 0.01 to 0.99 in steps of 0.01, or 'mean'"),
        ({"aggregate": "mode"}, "aggregate: found 'mode', wanted one of sum, mean, first, min, max"),
    ],
)
def test_what_cannot_be_is_told_in_one_sentence(said: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValueError, match="wanted") as refused:
        almanac.forecast(by_shop(), **said)  # type: ignore[arg-type]
    assert (type(refused.value), str(refused.value)) == (almanac.DataError, sentence)


def test_what_cannot_be_is_told_in_korean_where_the_process_speaks_it() -> None:
    with speaking("ko"), pytest.raises(almanac.DataError) as refused:
        almanac.forecast(by_shop(), horizon=0)
    assert str(refused.value) == "horizon: 0 값 대신 1 이상의 정수를 써 주세요"


def test_a_value_that_is_no_number_is_told_with_its_row() -> None:
    given = by_shop().astype({"sold": object})
    given.loc[3, "sold"] = "many"
    with pytest.raises(almanac.DataError, match="df: row 3, column sold: found 'many', wanted a number"):
        almanac.forecast(given, target="sold")


def test_what_stands_beside_the_target_is_used() -> None:
    """An item without history, a price known ahead, and the holidays of a country."""
    price = by_shop()[["shop", "day"]].assign(price=1.0)
    ahead = pd.DataFrame({"shop": ["tea", "milk", "tea", "milk"], "day": [*pd.date_range("2024-02-26", periods=2)] * 2})
    related = pd.concat([price, ahead.assign(day=sorted(ahead["day"]), price=1.0)])
    items = pd.DataFrame({"shop": ["tea", "milk", "coffee"], "kind": ["hot", "cold", "hot"]})
    result = almanac.forecast(by_shop(), horizon=2, related=related, metadata=items, holidays="kr")
    assert result.frame["shop"].unique().tolist() == ["tea", "milk", "coffee"]
    assert not result.frame.isna().any().any()
    assert result.notes[-1] == "holidays    KR"


def test_an_import_is_fast() -> None:
    """Nothing heavy is loaded before it is used."""
    program = "import sys, almanac; dir(almanac); print({'numpy', 'duckdb', 'narwhals', 'lightgbm'} & {*sys.modules})"
    assert (
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "set()\n"
    )


def test_a_notebook_sees_the_forecast_its_accuracy_and_the_guesses() -> None:
    rng = np.random.default_rng(0)
    result = almanac.forecast(by_shop().assign(sold=lambda df: df["sold"] + rng.integers(0, 9, len(df))), horizon=7)
    page = result._repr_html_()
    assert "average wQL" in page
    assert "frequency   D" in page
    assert len(result.plot(["tea"]).axes) == 1
    with pytest.raises(almanac.DataError, match="plot: found no series cocoa"):
        result.plot(["cocoa"])
