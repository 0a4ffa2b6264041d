"""Counts are summed, prices and temperatures averaged: by the name of the column, or else by its values."""

from collections.abc import Callable

import pytest

from local_aws.periods.aggregation import aggregation_of, is_averaged_by_name
from local_aws.periods.observations import Observations

Rows = Callable[..., Observations]


@pytest.mark.parametrize(
    "name",
    ["price", "Unit Price", "sellPrice", "Close", "temp_c", "click rate", "humidity", "avg_sales", "CPI index",
     "가격", "단가(원)", "최고기온", "점유율", "종가", "미세먼지 농도"],
)  # fmt: skip
def test_levels_are_told_by_their_names(name: str) -> None:
    assert is_averaged_by_name(name) is True


@pytest.mark.parametrize(
    "name", ["sales", "Units Sold", "revenue", "orderCount", "qty", "매출액", "판매량", "방문자수"]
)
def test_amounts_are_told_by_their_names(name: str) -> None:
    assert is_averaged_by_name(name) is False


@pytest.mark.parametrize("name", ["value", "y", "target_value", "corporate", "separate", "값"])
def test_some_names_tell_nothing(name: str) -> None:
    assert is_averaged_by_name(name) is None


@pytest.mark.parametrize(
    ("values", "method"),
    [
        (["5", "9", "7", "12"], "sum"),
        (["10.5", "31.25", "18.75", "40.1"], "sum"),  # money that goes up and down
        (["0.25", "0.31", "0.28", "0.5"], "mean"),  # shares
        (["-3.5", "1.2", "-0.4", "6.1"], "mean"),  # degrees
        (["101.5", "101.9", "101.2", "102.3"], "mean"),  # a level that hardly moves
        (["1015", "1019", "1012", "1023"], "sum"),  # whole numbers
    ],
)
def test_a_name_that_tells_nothing_leaves_it_to_the_values(rows_of: Rows, values: list[str], method: str) -> None:
    rows = rows_of("date,y", *(f"2024-01-{day:02},{value}" for day, value in enumerate(values * 3, start=1)))
    assert aggregation_of(rows, "D", ("y",), None).method == method


def test_columns_of_which_some_are_amounts_are_summed(rows_of: Rows) -> None:
    rows = rows_of("date,y", "2024-01-01,1", "2024-01-02,2")
    assert aggregation_of(rows, "D", ("price", "sales"), None).method == "sum"


def test_rows_of_one_period_are_counted_and_said_to_be_summed_or_averaged(rows_of: Rows) -> None:
    rows = rows_of("date,shop,y", *(f"2024-01-{day:02},{shop},5" for day in range(1, 15) for shop in "ab"))
    assert [*aggregation_of(rows, "W", ("sales",), None).sentences()] == [
        "aggregated  28 rows share a period with another row of their series and are summed"
        "  (guessed; --aggregate overrides)"
    ]
    by_mean = aggregation_of(rows, "W", ("sales",), "mean")
    assert by_mean.transformations == {"aggregation": "avg"}
    assert [*by_mean.sentences()] == [
        "aggregated  28 rows share a period with another row of their series and are averaged"
    ]
    assert [*aggregation_of(rows, "D", ("sales",), None).sentences()] == []
