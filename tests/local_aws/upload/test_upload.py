"""What goes into the bucket: the file as it is or rewritten line by line, and params.json for what was guessed."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from local_aws.guessing.options import Options
from local_aws.guessing.table import DataError
from local_aws.upload.upload import upload_as_given, upload_from_guesses
from tests.local_aws.small_files import lines, monthly, wide


def daily(*values: str) -> list[str]:
    """A row per day and value; a day whose value is empty has none."""
    days = (date(2020, 1, 1) + timedelta(days=day) for day in range(len(values)))
    return [f"{day},a,{value}" for day, value in zip(days, values, strict=True) if value]


def test_one_column_per_product_is_read_as_a_series_each(write: Callable[..., Path], tmp_path: Path) -> None:
    rows = wide("apples", "pears", "plums", "figs", "nuts", "dates")
    rows[3] = rows[3].replace(",102,", ",,")  # no pears on that day
    upload = upload_from_guesses(write(lines(*rows)), Options(), tmp_path)
    said = "item_id     each of the 6 columns apples, pears, plums, figs, nuts, ...  (guessed; --target forecasts one)"
    assert upload.sentences[1] == said
    written = Path(upload.objects[-1][1]).read_text().splitlines()
    assert written[:2] == ["timestamp,item_id,target_value", "2020-01-01,apples,0"]
    assert len(written) == 1 + 6 * 20 - 1
    assert "2020-01-08,plums,207" in written
    assert not [row for row in written if row.startswith("2020-01-03,pears")]


def test_one_of_the_columns_can_be_forecast_alone(write: Callable[..., Path], tmp_path: Path) -> None:
    upload = upload_from_guesses(write(lines(*wide("apples", "pears", "plums"))), Options(target="plums"), tmp_path)
    assert Path(upload.objects[-1][1]).read_text().splitlines()[8] == "2020-01-08,all,207"


def test_a_field_that_is_no_number_is_told_with_line_and_column(write: Callable[..., Path], tmp_path: Path) -> None:
    rows = wide("apples", "pears", "plums")
    rows[5] = rows[5].replace(",104,", ",many,")
    with pytest.raises(DataError, match=r"sales.csv: line 6, column pears: found 'many', wanted a number$"):
        upload_from_guesses(write(lines(*rows)), Options(), tmp_path)


def test_as_of_an_old_day_the_rows_of_later_periods_are_not_uploaded(
    write: Callable[..., Path], tmp_path: Path
) -> None:
    path = write(lines("timestamp,item_id,target_value", *monthly()))  # from January 2018 to December 2019
    upload = upload_from_guesses(path, Options(as_of=date(2019, 8, 30)), tmp_path)
    rows = Path(upload.objects[-1][1]).read_text().splitlines()
    assert (len(rows), rows[-1]) == (1 + 19, "2019-07-01,a,18")  # August ends on the 31st
    assert "as of       2019-08-30: 5 rows are left out, whose periods had not ended by then" in upload.sentences
    whole = Path(upload_from_guesses(path, Options(as_of=date(2019, 8, 31)), tmp_path).objects[-1][1]).read_text()
    assert whole.splitlines()[-1] == "2019-08-01,a,19"
    with pytest.raises(DataError, match=r"had ended by 2018-01-30, wanted --as-of 2018-01-31 or later$"):
        upload_from_guesses(path, Options(as_of=date(2018, 1, 30)), tmp_path)


def test_a_file_in_other_words_is_rewritten_line_by_line(write: Callable[..., Path], tmp_path: Path) -> None:
    path = write(lines("month,product,sales", *monthly()))
    upload = upload_from_guesses(path, Options(), tmp_path)
    assert [key for key, _ in upload.objects] == [
        "params.json",
        "train/sales.csv",
    ]  # the target starts the run
    rewritten = Path(upload.objects[1][1]).read_text().splitlines()
    assert rewritten[:3] == ["timestamp,item_id,target_value", "2018-01-01,a,0", "2018-02-01,a,1"]
    assert len(rewritten) == 25
    parameters = json.loads(upload.objects[0][1])
    assert parameters["TimestampFormat"] == "yyyy-MM-dd"
    assert parameters["AutoPredictor"] == {
        "PredictorName": "sales",
        "ForecastHorizon": 6,
        "ForecastFrequency": "M",
        "ForecastTypes": ["0.1", "0.5", "0.9"],
    }


def test_a_file_in_amazons_words_goes_as_it_is(write: Callable[..., Path], tmp_path: Path) -> None:
    path = write(lines("timestamp,item_id,target_value", *(f"2020-01-{day:02},a,{day}" for day in range(1, 20))))
    assert upload_from_guesses(path, Options(), tmp_path).objects[1] == ("train/sales.csv", path)


def test_what_the_user_says_is_not_guessed(write: Callable[..., Path], tmp_path: Path) -> None:
    path = write(lines("month,product,sales", *monthly()))
    upload = upload_from_guesses(path, Options("3M", 2, ("0.25", "mean"), aggregate="sum"), tmp_path)
    parameters = json.loads(upload.objects[0][1])
    assert parameters["Datasets"][0]["DataFrequency"] == "M"  # the data's own
    assert parameters["AutoPredictor"]["ForecastFrequency"] == "3M"
    assert parameters["AutoPredictor"]["ForecastHorizon"] == 2
    assert parameters["Forecast"]["ForecastTypes"] == ["0.25", "mean"]
    assert not [sentence for sentence in upload.sentences if "guessed" in sentence]


def test_a_timestamp_that_cannot_be_read_is_refused_with_its_line(write: Callable[..., Path], tmp_path: Path) -> None:
    path = write(lines("month,product,sales", *monthly(), "2020-13,a,1"))
    with pytest.raises(
        DataError, match=r"sales.csv: line 26, column month: found '2020-13', wanted yyyy-MM, as in line 2"
    ):
        upload_from_guesses(path, Options(), tmp_path)


@pytest.mark.parametrize(
    ("column", "values", "transformations"),
    [
        ("sales", ["100", "", *["120", "90"] * 30], {"middlefill": "nan", "backfill": "nan"}),  # a day without a row
        ("sales", ["100", "NA", *["120", "90"] * 30], {"middlefill": "nan", "backfill": "nan"}),
        ("sales", ["100", *["120", "90"] * 30], None),
        ("sales", ["100", "", *["120", "0"] * 30], None),  # zero, as Amazon has it
        ("price", ["100", *["120", "90"] * 30], {"aggregation": "avg"}),
        ("price", ["100", "", "9", "8"] * 10, {"aggregation": "avg", "middlefill": "nan", "backfill": "nan"}),
    ],
)
def test_aggregation_and_fillings_go_to_the_service_where_they_are_not_its_own(
    write: Callable[..., Path], tmp_path: Path, column: str, values: list[str], transformations: dict[str, str] | None
) -> None:
    path = write(lines(f"date,product,{column}", *daily(*values)))
    upload = upload_from_guesses(path, Options(frequency="D"), tmp_path)
    configs = json.loads(upload.objects[0][1])["AutoPredictor"].get("DataConfig", {}).get("AttributeConfigs", [])
    config = {"AttributeName": "target_value", "Transformations": transformations}
    assert configs == ([config] if transformations else [])


def test_columns_may_be_called_as_anything(write: Callable[..., Path], tmp_path: Path) -> None:
    days = [day for day in range(1, 29) if day != 9]
    rows = [f"2020-01-{day:02},{t},{90 + day}" for day in days for t in ("a", "b")]
    headers = ("date,t,value", "date,step,number", "moment,line,first", "start,series,place", "moment,place,count")
    for header in headers:
        upload = upload_from_guesses(write(lines(header, *rows), f"{header[:6]}.csv"), Options(horizon=2), tmp_path)
        said = "2 of 56 periods have no row and count as unknown  (guessed; --missing overrides)"
        assert upload.sentences[-1] == f"missing     {said}", header
        assert Path(upload.objects[-1][1]).read_text().splitlines()[1] == "2020-01-01,a,91"


def test_zeros_get_rows_where_other_days_are_unknown(write: Callable[..., Path], tmp_path: Path) -> None:
    ended = [f"2020-01-{day:02},b,{80 + day}" for day in range(1, 29)]
    rows = [*daily("100", "", *["120", "90"] * 30), *ended]  # to 2 March
    upload = upload_from_guesses(write(lines("timestamp,item_id,target_value", *rows)), Options(), tmp_path)
    assert upload.sentences[-2:] == [
        "missing     34 of 124 periods have no row and count as 0  (guessed; --missing overrides)",
        "missing     1 of 124 periods have no row and count as unknown  (guessed; --missing overrides)",
    ]
    written = Path(upload.objects[-1][1]).read_text().splitlines()
    assert written[: len(rows) + 1] == ["timestamp,item_id,target_value", *rows]  # in the lines they have in the file
    assert sorted(written[len(rows) + 1 :])[:2] == ["2020-01-29,b,0", "2020-01-30,b,0"]
    assert len(written) == 1 + len(rows) + 34


def test_rows_that_are_left_out_are_said_and_not_written(write: Callable[..., Path], tmp_path: Path) -> None:
    rows = [*daily(*["5", "7"] * 20), "2020-02-10,a,", "2020-02-11,a,"]  # after 9 February
    path = write(lines("timestamp,item_id,target_value", *rows, "2020-01-01,,3"))
    upload = upload_from_guesses(path, Options(), tmp_path)
    assert Path(upload.objects[-1][1]).read_text().splitlines()[-1] == "2020-02-09,a,7"
    assert upload.sentences[-3:] == [
        "future      2 rows behind 2020-02-09 have no value: they are the time to forecast",
        "left out    1 of 43 rows, without item_id",
        "rows        43 read: 40 used, 3 left out",
    ]
    assert json.loads(upload.objects[0][1])["AutoPredictor"]["ForecastHorizon"] == 2


def test_a_file_of_which_many_rows_name_no_item_is_refused(write: Callable[..., Path], tmp_path: Path) -> None:
    path = write(lines("date,item_id,sales", *daily(*["5", "7"] * 20), *["2020-01-01,,3"] * 8))
    with pytest.raises(DataError) as refused:
        upload_from_guesses(path, Options(), tmp_path)
    found = "found 8 of 48 rows without item_id, the first in line 42; wanted at most 10% of them"
    assert str(refused.value) == f"{path}: {found}"


def test_a_file_without_any_value_is_refused(write: Callable[..., Path], tmp_path: Path) -> None:
    path = write(lines("date,item_id,sales", *daily(*["NaN"] * 20)))
    with pytest.raises(DataError, match="found no value in column sales, wanted numbers"):
        upload_from_guesses(path, Options(), tmp_path)


def test_an_hour_that_is_there_twice_is_written_once(write: Callable[..., Path], tmp_path: Path) -> None:
    hours = [f"2023-10-{day} {hour:02}:00:00,5" for day in (28, 29) for hour in range(24)]
    hours.insert(27, "2023-10-29 02:00:00,8")
    upload = upload_from_guesses(write(lines("time,y", *hours)), Options(), tmp_path)
    written = Path(upload.objects[-1][1]).read_text().splitlines()
    assert written[27:29] == ["2023-10-29 02:00:00,all,6.5", "2023-10-29 03:00:00,all,5"]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (Options(horizon=7), "--horizon 7 after 24 steps of history, wanted at most 6"),
        (Options(frequency="D"), "the data have frequency M, and --frequency D is finer"),
        (Options(frequency="Y"), "2 steps of frequency Y, wanted at least 4"),
    ],
)
def test_what_the_service_would_refuse_is_refused_before_anything_starts(
    write: Callable[..., Path], tmp_path: Path, options: Options, sentence: str
) -> None:
    path = write(lines("month,product,sales", *monthly()))
    with pytest.raises(DataError) as refused:
        upload_from_guesses(path, options, tmp_path)
    assert str(refused.value) == f"{path}: {sentence}"


def test_numbers_with_decimal_commas_get_points(write: Callable[..., Path], tmp_path: Path) -> None:
    path = write(lines("date;item;qty", *(f"{day:02}.01.2020;a;{day},5" for day in range(1, 15))))
    upload = upload_from_guesses(path, Options(), tmp_path)
    assert Path(upload.objects[1][1]).read_text().splitlines()[1] == "2020-01-01,a,1.5"


@pytest.mark.parametrize(
    ("numbers", "written"),
    [
        (('"1,234.50"', '"12,345"', "7"), ["1234.50", "12345", "7"]),
        (("NA", "1", "2.5", *["3"] * 9), ["", "1", "2.5", *["3"] * 9]),
    ],
)
def test_groups_of_thousands_and_missing_numbers_are_written_as_amazon_reads_them(
    write: Callable[..., Path], tmp_path: Path, numbers: tuple, written: list[str]
) -> None:
    days = [date(2020, 1, 1) + timedelta(days=day) for day in range(12)]
    numbers, written = (*numbers, *["9"] * (12 - len(numbers))), [*written, *["9"] * (12 - len(written))]
    rows = [f"{day},a,{number}" for day, number in zip(days, numbers, strict=True)]
    upload = upload_from_guesses(write(lines("timestamp,item_id,target_value", *rows)), Options(), tmp_path)
    values = [line.split(",")[2] for line in upload.objects[-1][1].read_text().splitlines()[1:]]
    assert values == written


def test_a_file_with_other_columns_gets_a_dataset_of_its_own(write: Callable[..., Path], tmp_path: Path) -> None:
    def dataset_name(text: str) -> str:
        upload = upload_from_guesses(write(text), Options(), tmp_path)
        return json.loads(upload.objects[0][1])["Datasets"][0]["DatasetName"]

    by_month = lines("month,product,sales", *monthly())
    by_day = lines("date,product,sales", *(f"2020-01-{day:02},a,{day}" for day in range(1, 20)))
    assert dataset_name(by_month) == dataset_name(by_month.replace(",a,", ",b,"))
    assert dataset_name(by_month) != dataset_name(by_day)


def test_files_with_a_params_json_of_the_users_own_go_as_they_are(write: Callable[..., Path]) -> None:
    path, parameters = write("anything"), write("{}", "mine.json")
    upload = upload_as_given(path, Options(), parameters)
    assert upload.objects == [("params.json", parameters), ("train/sales.csv", path)]
