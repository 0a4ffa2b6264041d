"""Messages of a run, in the words of the user's files."""

from collections.abc import Callable
from pathlib import Path

import pytest

from local_aws.command.user_words import UserWords
from local_aws.guessing.options import Options
from local_aws.upload.upload import upload_as_given, upload_from_guesses
from tests.local_aws.small_files import lines, monthly

Write = Callable[..., Path]


@pytest.fixture
def words(write: Write, tmp_path: Path) -> UserWords:
    """Of two years of sales with a note in quotes over two lines, a blank line, and prices and goods beside them."""
    months = [f"{month},{number}," for number, month in enumerate(monthly())]
    months[1] = months[1] + '"two\nlines"'
    sales = write(lines("month,product,units sold,no,remark", *months[:5], "", *months[5:]))
    prices = write(lines("product,month,Price (EUR)", *(f"a,{row[:7]},2.5" for row in monthly())), "prices.csv")
    goods = write(lines("product,kind", "a,fruit"), "goods.csv")
    options = Options(target="units sold", related=prices, metadata=goods)
    return UserWords(upload_from_guesses(sales, options, tmp_path).files)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "ImportData: s3://almanac-data/train/sales.csv, line 3, column target_value: found 'x', wanted a number.",
            "ImportData: {folder}/sales.csv: line 4, column units sold: found 'x', wanted a number.",
        ),
        (
            "s3://almanac-data/train/sales.csv, line 25, column timestamp: found '', wanted a date.",
            "{folder}/sales.csv: line 27, column month: found '', wanted a date.",
        ),
        (
            "s3://b/related/prices.csv, line 7, column Price_EUR: found '?', wanted a number.",
            "{folder}/prices.csv: line 7, column Price (EUR): found '?', wanted a number.",
        ),
        (
            "s3://b/train/: found no value in column target_value: all of its 3 rows are empty or NaN.",
            "{folder}/sales.csv: found no value in column units sold: all of its 3 rows are empty or NaN.",
        ),
        (
            "3 of 24 rows were left out: 3 without a timestamp (the first: train/sales.csv, line 2).",
            "3 of 24 rows were left out: 3 without a timestamp (the first: {folder}/sales.csv: line 2).",
        ),
        ("train/: 24 rows read = 24 used + 0 left out.", "{folder}/sales.csv: 24 rows read = 24 used + 0 left out."),
        (
            "s3://b/metadata/goods.csv, line 2, column kind: found 1.",
            "{folder}/goods.csv: line 2, column kind: found 1.",
        ),
        (  # as the functions of a stack that speaks Korean say it
            "s3://b/train/sales.csv, 3번째 줄, target_value 열: 'x' 값을 쓸 수 없습니다(필요한 값: 숫자).",
            "{folder}/sales.csv: line 4, units sold 열: 'x' 값을 쓸 수 없습니다(필요한 값: 숫자).",
        ),
        (
            "column target_value is what the predictor forecasts.",
            "column target_value is what the predictor forecasts.",
        ),
        (
            "s3://b/latest/forecast.csv and s3://b/train/other.csv",
            "s3://b/latest/forecast.csv and s3://b/train/other.csv",
        ),
    ],
)
def test_file_line_and_column_are_the_users(words: UserWords, tmp_path: Path, said: str, told: str) -> None:
    assert words.told(said) == told.format(folder=tmp_path)
    assert words.told_throughout({"Rows": [{"First": said}], "Read": 3}) == {
        "Rows": [{"First": told.format(folder=tmp_path)}],
        "Read": 3,
    }


def test_an_attribute_has_the_name_of_its_column_and_a_holiday_its_own(words: UserWords) -> None:
    assert [words.column(name) for name in ("Price_EUR", "kind", "Holiday_KR")] == ["Price (EUR)", "kind", "Holiday_KR"]


def test_files_that_go_as_they_are_keep_their_lines(write: Write) -> None:
    files = upload_as_given(write("a\n", "my sales.csv"), Options(), write("{}", "params.json")).files
    told = UserWords(files).told("s3://b/train/my sales.csv, line 3, column demand: found 'x', wanted a number.")
    assert told.endswith("/my sales.csv: line 3, column demand: found 'x', wanted a number.")
    assert UserWords([]).told("s3://b/train/a.csv, line 3") == "s3://b/train/a.csv, line 3"
