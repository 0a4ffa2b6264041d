"""Rows ahead that wait for their value say what is planned, and that is a related time series."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from local_aws.guessing.options import Options
from local_aws.upload.upload import BucketUpload, upload_from_guesses
from tests.local_aws.small_files import lines

Upload = Callable[..., BucketUpload]
DAYS = [f"{date(2024, 1, 1) + timedelta(days=day)}" for day in range(56)]
KNOWN = 49  # days of the history, of two stores; seven more are planned


def rows_of(columns: Callable[[int], str], days: int = 56) -> list[str]:
    """Rows of two stores: a day, a store, the sales, which the last seven days do not have, and other columns."""
    sold = (f"{100 + day}" if day < KNOWN else "" for day in range(days))
    return [f"{DAYS[day]},{store},{sales},{columns(day)}" for day, sales in enumerate(sold) for store in "AB"]


@pytest.fixture
def upload(write: Callable[..., Path], tmp_path: Path) -> Upload:
    """What goes into the bucket for a file of these lines."""

    def made(*rows: str, **options: Any) -> BucketUpload:
        return upload_from_guesses(write(lines(*rows)), Options(**options), tmp_path)

    return made


def attributes(upload: BucketUpload) -> list[list[str]]:
    """The attributes of each dataset."""
    content = upload.objects[0][1]
    assert isinstance(content, bytes)
    datasets = json.loads(content)["Datasets"]
    return [[each["AttributeName"] for each in dataset["Schema"]["Attributes"]] for dataset in datasets]


def test_numbers_that_rows_ahead_hold_are_related_time_series_and_that_is_said(upload: Upload) -> None:
    made = upload("date,store,sales,promo,price", *rows_of(lambda day: f"{day % 3 % 2},{9 + day / 100}"))
    assert attributes(made)[1] == ["timestamp", "item_id", "promo", "price"]
    related = next(file for file in made.files if file.key.startswith("related/"))
    written = related.path.read_text().splitlines()
    assert len(written) == 1 + 2 * 56
    assert (written[1], written[-1]) == (f"{DAYS[0]},A,0,9.0", f"{DAYS[-1]},B,1,9.55")
    assert made.sentences[-1] == (
        "related     promo, price of sales.csv"
        "  (known for the time of the forecast; guessed; --related none leaves it out)"
    )
    assert "horizon     7, after 49 steps of history  (guessed; --horizon overrides)" in made.sentences
    assert not any(said.startswith("left out") for said in made.sentences)


def test_the_user_may_want_none_of_them(upload: Upload) -> None:
    made = upload("date,store,sales,promo", *rows_of(lambda day: f"{day % 3 % 2}"), related="none")
    assert len(attributes(made)) == 1
    assert "left out    promo (another number)" in made.sentences


def test_a_file_that_the_user_names_takes_their_place(upload: Upload, write: Callable[..., Path]) -> None:
    beside = write(
        lines("date,store,heat", *(f"{day},{store},{number}" for number, day in enumerate(DAYS) for store in "AB")),
        "heat.csv",
    )
    made = upload("date,store,sales,promo", *rows_of(lambda day: f"{day % 3 % 2}"), related=beside)
    assert attributes(made)[1] == ["timestamp", "item_id", "heat"]
    assert "left out    promo (another number)" in made.sentences


def test_what_says_nothing_of_the_time_ahead_stays_left_out(upload: Upload) -> None:
    made = upload("date,store,sales,visitors,weekday", *rows_of(lambda day: f"{day if day < KNOWN else ''},{day % 7}"))
    assert len(attributes(made)) == 1


def test_a_column_with_two_values_for_a_period_stays_left_out(upload: Upload) -> None:
    made = upload(
        "date,store,sales,promo,price", *rows_of(lambda day: f"{day % 3 % 2},9"), frequency="W", keep_partial=True
    )
    assert attributes(made)[1] == ["timestamp", "item_id", "price"]
    assert "left out    promo (another number)" in made.sentences


def test_rows_that_name_no_store_are_no_plan(upload: Upload) -> None:
    made = upload("date,store,sales,promo", *rows_of(lambda day: f"{day % 3 % 2}"), f"{DAYS[3]},,5,1")
    related = next(file for file in made.files if file.key.startswith("related/"))
    assert len(related.path.read_text().splitlines()) == 1 + 2 * 56
