"""A file with a column for each date is turned, and it is said."""

from collections.abc import Callable
from datetime import datetime

import pytest

from forecast_contract.sql import identifier
from local_aws.guessing.interpretation import interpret
from local_aws.guessing.options import Options
from local_aws.guessing.table import Table
from tests.local_aws.small_files import lines


@pytest.mark.parametrize(
    ("header", "row", "first", "item"),
    [
        ("Page,2023-01-02,2023-01-03,2023-01-04", "a,1,2,3", datetime(2023, 1, 2), "Page"),
        ("SKU,Jan-17,Feb-17,Mar-17", "a,1,2,3", datetime(2017, 1, 1), "SKU"),
        ("품목,2023년 1월,2023년 2월,2023년 3월", "a,1,2,3", datetime(2023, 1, 1), "품목"),
        ("country,2017,2018,2019", "a,1,2,3", datetime(2017, 1, 1), "country"),
        ("sku,202301,202302,202303", "a,1,2,3", datetime(2023, 1, 1), "sku"),
        ("sku,1/30/2023,1/31/2023,2/1/2023", "a,1,2,3", datetime(2023, 1, 30), "sku"),
        ("sku,2021 Q1,2021 Q2,2021 Q3", 'a,"1,000","2,000","3,000"', datetime(2021, 1, 1), "sku"),
    ],
)
def test_a_column_for_each_date_is_a_row_for_each(
    table: Callable[[str], Table], header: str, row: str, first: datetime, item: str
) -> None:
    meaning = interpret(table(lines(header, row, row.replace("a", "b", 1))), Options())
    reading = meaning.roles.notation.reading(identifier(meaning.roles.timestamp))
    number = meaning.table.number(identifier(meaning.roles.target))
    scale = 1000 if "Q1" in header else 1
    rows = meaning.table.query(f"SELECT {reading}, CAST({number} AS DOUBLE), line FROM data ORDER BY line, 1")
    assert meaning.roles.item == item
    assert rows[0] == (first, scale, 2)
    assert [value for _, value, _ in rows] == [scale, 2 * scale, 3 * scale] * 2
    names = header.split(",")
    assert meaning.sentences[0] == (
        f"opened      each of the 3 columns {names[1]}, {names[2]}, ... {names[3]} as rows of date"
        "  (guessed; --no-turn leaves them)"
    )


def test_an_empty_cell_is_a_row_whose_value_is_unknown(table: Callable[[str], Table]) -> None:
    meaning = interpret(table(lines("Page,2023-01-02,2023-01-03,2023-01-04", "a,1,,3", "b,4,5,")), Options())
    assert meaning.table.query("SELECT count(*), count(value) FROM data") == [(6, 4)]


def test_years_beside_a_column_of_dates_are_no_dates(table: Callable[[str], Table]) -> None:
    rows = [f"2023-01-{day:02},1,2,3" for day in range(1, 20)]
    assert interpret(table(lines("date,2017 A,2018 B,2019 C", *rows)), Options()).roles.timestamp == "date"


def test_other_columns_beside_the_dates_name_the_series(table: Callable[[str], Table]) -> None:
    header, row = "store,sku,2023-01-02,2023-01-03,2023-01-04", "{},{},1,2,3"
    rows = [row.format(store, sku) for store in ("n", "s") for sku in ("a", "b", "c")]
    roles = interpret(table(lines(header, *rows)), Options()).roles
    assert (roles.item, roles.dimensions, roles.target) == ("sku", ("store",), "value")
