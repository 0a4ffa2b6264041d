"""Which column is what, told by names and contents."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from local_aws.guessing.roles import Roles, guess_roles
from local_aws.guessing.table import DataError, Table, open_table
from local_aws.periods.frequency import guess_frequency
from local_aws.periods.observations import Observations
from tests.local_aws.small_files import lines, wide

PROJECT = Path(__file__).parent.parent.parent.parent
SAMPLE = PROJECT / "samples" / "australian_retail.csv"


def roles_of(table: Table) -> tuple[str, str, str | None, tuple[str, ...]]:
    """What is easily compared."""
    roles = guess_roles(table)
    return roles.timestamp, roles.target, roles.item, roles.dimensions


def panel(header: str, *keys: str, days: int = 20) -> str:
    """A file with one row per key and day; {day} in a key becomes the day, {row} the number of the row."""
    cells = [(date(2020, 1, 1) + timedelta(days=day), key) for key in keys for day in range(days)]
    return lines(header, *(key.format(day=day, row=row) for row, (day, key) in enumerate(cells)))


def test_the_sample_is_read_as_its_readme_says() -> None:
    table = open_table(SAMPLE)
    roles = guess_roles(table)
    assert roles_of(table) == ("month", "turnover", "industry", ("state",))
    assert (roles.notation.name, guess_frequency(Observations.of(table, roles)), roles.left_out) == ("yyyy-MM", "M", {})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (lines("2014-01-01 01:00:00,38.3,client_12"), ("column_1", "column_2", "column_3", ())),  # the workshop's
        (lines("item_id,date,sales,store", "7,2020-01-01,3,1"), ("date", "sales", "item_id", ())),
        (lines("date,y", "2020-01-01,1"), ("date", "y", None, ())),
        (lines("sku,store,week,units", "a,n,2020-01-06,1", "b,n,2020-01-06,1", "b,s,2020-01-06,1"),
         ("week", "units", "sku", ("store",))),
        (lines("region,shop,day,price,demand", "x,p,2020-01-01,2,3", "x,q,2020-01-01,2,3"),
         ("day", "demand", "shop", ())),
    ],
)  # fmt: skip
def test_columns_are_told_by_their_names_and_contents(
    table: Callable[[str], Table], text: str, expected: tuple
) -> None:
    assert roles_of(table(text)) == expected


def test_what_means_nothing_is_left_out_with_the_reason(table: Callable[[str], Table]) -> None:
    rows = [
        "item,category,date,price,demand",
        "a,fruit,2020-01-01,1,2",
        "b,nuts,2020-01-01,1,2",
        "b,nuts,2020-01-02,1,2",
    ]
    assert guess_roles(table(lines(*rows))).left_out == {
        "category": "the same for all rows of a series",
        "price": "another number",
    }


def test_of_several_numbers_the_user_says_which_is_forecast(table: Callable[[str], Table]) -> None:
    rows = lines("date,shop,visitors,revenue", "2020-01-01,x,5,9", "2020-01-01,y,6,8")
    assert guess_roles(table(rows)).target == "revenue"
    assert guess_roles(table(rows)).target_is_guessed
    said = guess_roles(table(rows), "visitors")
    assert (said.target, said.left_out) == ("visitors", {"revenue": "another number"})


@pytest.mark.parametrize(
    ("header", "target"),
    [
        ("date,store,price,revenue,temperature", "revenue"),
        ("date,store,unit_price,units_sold,discount_rate", "units_sold"),
        ("날짜,매장,단가,매출액,기온", "매출액"),
        ("일자,지점,판매수량,할인율,재고", "판매수량"),
        ("date,store,sales_price,footfall,open", "footfall"),
    ],
)
def test_the_target_is_what_a_name_says_and_the_others_are_listed(
    table: Callable[[str], Table], header: str, target: str
) -> None:
    rows = [f"2020-01-{day:02},{store},{day},{2 * day},{3 * day}" for day in range(1, 20) for store in "xy"]
    roles = guess_roles(table(lines(header, *rows)))
    assert (roles.target, roles.item) == (target, header.split(",")[1])
    others = [name for name in header.split(",")[2:] if name != target]
    assert roles.left_out == dict.fromkeys(others, "another number")


def test_a_column_that_never_changes_is_not_forecast(table: Callable[[str], Table]) -> None:
    rows = [f"2020-01-{day:02},{store},{day},1" for day in range(1, 20) for store in "xy"]
    assert guess_roles(table(lines("date,store,footfall,sales", *rows))).target == "footfall"


def test_a_column_of_words_cannot_be_forecast(table: Callable[[str], Table]) -> None:
    with pytest.raises(DataError, match=r"--target shop: wanted a column of numbers \(revenue\)"):
        guess_roles(table(lines("date,shop,revenue", "2020-01-01,x,9", "2020-01-01,y,8")), "shop")


@pytest.mark.parametrize("names", [("year", "month", "load"), ("weekday", "is_holiday", "load"), ("price", "sales")])
def test_parts_of_a_date_and_what_stands_beside_a_target_are_no_series(
    table: Callable[[str], Table], names: tuple[str, ...]
) -> None:
    roles = guess_roles(table(lines(*wide(*names))))
    assert (roles.target, roles.series) == (names[-1], ())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (panel("date,store,item,sales", "{day},1,1,5", "{day},1,2,5", "{day},2,1,5"),
         ("date", "sales", "item", ("store",))),
        (panel("id,date,store_nbr,family,sales", "{row},{day},1,A,5", "{row},{day},2,A,5", "{row},{day},1,B,5"),
         ("date", "sales", "store_nbr", ("family",))),
        (panel("Store,Dept,Date,Weekly_Sales,IsHoliday", "1,1,{day},5,{day:%a}", "1,2,{day},5,{day:%a}",
               "1,3,{day},5,{day:%a}", "2,1,{day},5,{day:%a}"), ("Date", "Weekly_Sales", "Dept", ("Store",))),
        (panel("date,weekday,sales", "{day},{day:%A},5"), ("date", "sales", None, ())),
        (panel("date,product,weekday,sales", "{day},a,{day:%A},5", "{day},b,{day:%A},5"),
         ("date", "sales", "product", ())),
    ],
)  # fmt: skip
def test_a_series_is_what_keeps_the_rows_of_one_time_apart(
    table: Callable[[str], Table], text: str, expected: tuple
) -> None:
    assert roles_of(table(text)) == expected


def test_a_number_of_the_row_and_a_day_of_the_week_are_left_out_with_the_reason(table: Callable[[str], Table]) -> None:
    text = panel("id,date,product,weekday,sales", "{row},{day},a,{day:%A},5", "{row},{day},b,{day:%A},5")
    assert guess_roles(table(text)).left_out == {
        "id": "another value in every row",
        "weekday": "changes within a series",
    }


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (lines("a,b", "x,1"), "none of the columns a, b holds timestamps"),
        (lines("date,b", "2020-01-01,x"), "none of the columns date, b holds numbers to forecast"),
        (
            lines("date,item,units", "2024-01-01,a,1", "2024-01-02,a,abc", "2024-01-03,a,3"),
            "line 3, column units: found 'abc', wanted a number",
        ),
    ],
)
def test_a_file_without_time_or_numbers_is_refused(table: Callable[[str], Table], text: str, sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        guess_roles(table(text))


def test_roles_know_what_names_a_series(table: Callable[[str], Table]) -> None:
    roles: Roles = guess_roles(
        table(lines("sku,store,week,units", "a,n,2020-01-06,1", "a,s,2020-01-06,1", "b,n,2020-01-06,1"))
    )
    assert roles.keys == ("sku", "store")
