"""Columns, notation, frequency and horizon are guessed as a person reading the file would."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from local_aws.guessing.frequency import Gaps, find_gaps, guess_frequency, history_length, name_of_step, usual_horizon
from local_aws.guessing.plan import Wishes
from local_aws.guessing.roles import Roles, guess_roles
from local_aws.guessing.table import DataError, Table, open_table
from local_aws.upload.upload import given_drop, guessed_drop
from tests.local_aws.guessing.small_files import lines, monthly

PROJECT = Path(__file__).parent.parent.parent.parent
SAMPLE = PROJECT / "samples" / "australian_retail.csv"
DAY = 86400


@pytest.fixture
def table(write):
    """A table of the text."""
    return lambda text: open_table(write(text))


def roles_of(table: Table) -> tuple[str, str, str | None, tuple[str, ...]]:
    """What is easily compared."""
    roles = guess_roles(table)
    return roles.timestamp, roles.target, roles.item, roles.dimensions


def test_the_sample_is_read_as_its_readme_says() -> None:
    table = open_table(SAMPLE)
    roles = guess_roles(table)
    assert roles_of(table) == ("month", "turnover", "industry", ("state",))
    assert (roles.notation.name, guess_frequency(table, roles), roles.left_out) == ("yyyy-MM", "M", {})


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
def test_columns_are_told_by_their_names_and_contents(table, text: str, expected: tuple) -> None:
    assert roles_of(table(text)) == expected


def test_what_means_nothing_is_left_out_with_the_reason(table) -> None:
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


def test_of_several_numbers_the_user_says_which_is_forecast(table) -> None:
    rows = lines("date,shop,visitors,revenue", "2020-01-01,x,5,9", "2020-01-01,y,6,8")
    assert guess_roles(table(rows)).target == "revenue"
    assert guess_roles(table(rows)).target_is_guessed
    said = guess_roles(table(rows), "visitors")
    assert (said.target, said.left_out) == ("visitors", {"revenue": "another number"})


def test_a_column_of_words_cannot_be_forecast(table) -> None:
    with pytest.raises(DataError, match=r"--target shop: wanted a column of numbers \(revenue\)"):
        guess_roles(table(lines("date,shop,revenue", "2020-01-01,x,9", "2020-01-01,y,8")), "shop")


def wide(*names: str, days: int = 20) -> list[str]:
    """A file with a column per name: day 7 of the third has the value 207."""
    first = date(2020, 1, 1)
    rows = (",".join(str(100 * number + day) for number in range(len(names))) for day in range(days))
    return [f"date,{','.join(names)}", *(f"{first + timedelta(days=day)},{row}" for day, row in enumerate(rows))]


def test_one_column_per_product_is_read_as_a_series_each(write, tmp_path: Path) -> None:
    rows = wide("apples", "pears", "plums", "figs", "nuts", "dates")
    rows[3] = rows[3].replace(",102,", ",,")  # no pears on that day
    drop = guessed_drop(write(lines(*rows)), Wishes(), tmp_path)
    said = "item_id     each of the 6 columns apples, pears, plums, figs, nuts, ...  (guessed; --target forecasts one)"
    assert drop.sentences[1] == said
    written = Path(drop.objects[-1][1]).read_text().splitlines()
    assert written[:2] == ["timestamp,item_id,target_value", "2020-01-01,apples,0"]
    assert len(written) == 1 + 6 * 20 - 1
    assert "2020-01-08,plums,207" in written
    assert not [row for row in written if row.startswith("2020-01-03,pears")]


def test_one_of_the_columns_can_be_forecast_alone(write, tmp_path: Path) -> None:
    drop = guessed_drop(write(lines(*wide("apples", "pears", "plums"))), Wishes(target="plums"), tmp_path)
    assert Path(drop.objects[-1][1]).read_text().splitlines()[8] == "2020-01-08,all,207"


def test_a_field_that_is_no_number_is_told_with_line_and_column(write, tmp_path: Path) -> None:
    rows = wide("apples", "pears", "plums")
    rows[5] = rows[5].replace(",104,", ",many,")
    with pytest.raises(DataError, match=r"sales.csv: line 6, column pears: found 'many', wanted a number$"):
        guessed_drop(write(lines(*rows)), Wishes(), tmp_path)


@pytest.mark.parametrize("names", [("year", "month", "load"), ("weekday", "is_holiday", "load"), ("price", "sales")])
def test_parts_of_a_date_and_what_stands_beside_a_target_are_no_series(table, names: tuple[str, ...]) -> None:
    roles = guess_roles(table(lines(*wide(*names))))
    assert (roles.target, roles.series) == (names[-1], ())


def panel(header: str, *keys: str, days: int = 20) -> str:
    """A file with one row per key and day; {day} in a key becomes the day, {row} the number of the row."""
    cells = [(date(2020, 1, 1) + timedelta(days=day), key) for key in keys for day in range(days)]
    return lines(header, *(key.format(day=day, row=row) for row, (day, key) in enumerate(cells)))


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
def test_a_series_is_what_keeps_the_rows_of_one_time_apart(table, text: str, expected: tuple) -> None:
    assert roles_of(table(text)) == expected


def test_a_number_of_the_row_and_a_day_of_the_week_are_left_out_with_the_reason(table) -> None:
    text = panel("id,date,product,weekday,sales", "{row},{day},a,{day:%A},5", "{row},{day},b,{day:%A},5")
    assert guess_roles(table(text)).left_out == {
        "id": "another value in every row",
        "weekday": "changes within a series",
    }


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("2020-03-04", "yyyy-MM-dd"),
        ("2020-03-04 05:06:07", "yyyy-MM-dd HH:mm:ss"),
        ("2020-03-04T05:06:07", "yyyy-MM-ddTHH:mm:ss"),
        ("2020-03-04 05:06", "yyyy-MM-dd HH:mm"),
        ("2020/03/04", "yyyy/MM/dd"),
        ("04.03.2020", "dd.MM.yyyy"),
        ("14/03/2020", "dd/MM/yyyy"),
        ("03/14/2020", "MM/dd/yyyy"),
        ("3/14/20", "MM/dd/yy"),
        ("3/14/20 13:05", "MM/dd/yy HH:mm"),
        ("14.03.20", "dd.MM.yy"),
        ("03/14/2020 01:00 PM", "MM/dd/yyyy hh:mm AM"),
        ("2020-03-04 05:06:07+09:00", "yyyy-MM-dd HH:mm:ss+hh:mm"),
        ("2020-03-04T05:06:07+0000", "yyyy-MM-ddTHH:mm:ss+hh:mm"),
        ("04 Mar 2020", "dd MMM yyyy"),
        ("2020-03", "yyyy-MM"),
        ("2020 Mar", "yyyy MMM"),
        ("Mar-20", "MMM-yy"),
        ("2020 Q1", "yyyy Qq"),
        ("2020Q1", "yyyy Qq"),
        ("20200304", "yyyyMMdd"),
        ("2020", "yyyy"),
    ],
)
def test_dates_are_read_however_people_write_them(table, written: str, name: str) -> None:
    assert guess_roles(table(lines("date,item,y", f"{written},a,1"))).notation.name == name


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("3/14/20", datetime(2020, 3, 14)),
        ("03/14/2020 12:00 AM", datetime(2020, 3, 14)),
        ("2020-03-04 05:06:07+09:00", datetime(2020, 3, 4, 5, 6, 7)),
    ],
)
def test_two_digits_are_a_year_of_ours_and_hours_are_those_of_the_wall_clock(table, written: str, read) -> None:
    opened = table(lines("date,item,y", f"{written},a,1"))
    assert opened.query(f"SELECT {guess_roles(opened).notation.reading('date')} FROM data") == [(read,)]


def test_a_year_of_two_digits_before_the_month_is_refused(table) -> None:
    with pytest.raises(DataError, match="none of the columns date, item, y holds timestamps"):
        guess_roles(table(lines("date,item,y", "20-03-14,a,1", "20-03-15,a,1")))


def test_days_that_may_be_months_are_not_guessed(table) -> None:
    with pytest.raises(
        DataError, match="column date can be read as day/month and as month/day; write it as yyyy-MM-dd"
    ):
        guess_roles(table(lines("date,item,y", "01/02/2020,a,1", "01/03/2020,a,2")))


def test_one_day_above_twelve_settles_which_is_the_day(table) -> None:
    rows = [f"{day:02}/01/2020,a,1" for day in range(1, 32)]
    assert guess_roles(table(lines("date,item,y", *rows))).notation.name == "dd/MM/yyyy"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (lines("a,b", "x,1"), "none of the columns a, b holds timestamps"),
        (lines("date,b", "2020-01-01,x"), "none of the columns date, b holds numbers to forecast"),
    ],
)
def test_a_file_without_time_or_numbers_is_refused(table, text: str, sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        guess_roles(table(text))


@pytest.mark.parametrize(
    ("seconds", "name"),
    [
        (60, "1min"), (300, "5min"), (1800, "30min"), (3600, "H"), (7200, "2H"), (DAY, "D"), (2 * DAY, "2D"),
        (7 * DAY, "W"), (14 * DAY, "2W"), (28 * DAY, "M"), (31 * DAY, "M"), (90 * DAY, "3M"), (92 * DAY, "3M"),
        (365 * DAY, "Y"), (366 * DAY, "Y"), (37, None), (8 * DAY, None), (400 * DAY, None),
    ],
)  # fmt: skip
def test_a_step_has_amazons_name_or_none(seconds: int, name: str | None) -> None:
    assert name_of_step(seconds) == name


def test_gaps_and_repeated_rows_do_not_hide_the_frequency(table) -> None:
    days = [date(2020, 1, 1) + timedelta(days=day) for day in range(60) if day % 7 < 5]  # no weekends
    rows = [f"{day},a,1" for day in days for _ in range(2)]
    opened = table(lines("date,item,y", *rows))
    assert guess_frequency(opened, guess_roles(opened)) == "D"


@pytest.mark.parametrize(
    ("frequency", "history", "horizon"), [("M", 441, 12), ("M", 20, 5), ("H", 1000, 24), ("D", 2, 1)]
)
def test_the_horizon_is_usual_for_the_frequency_and_at_most_a_quarter_of_the_history(
    frequency: str, history: int, horizon: int
) -> None:
    assert usual_horizon(frequency, history) == horizon


def test_a_file_in_other_words_is_rewritten_line_by_line(write, tmp_path: Path) -> None:
    path = write(lines("month,product,sales", *monthly()))
    drop = guessed_drop(path, Wishes(), tmp_path)
    assert [key for key, _ in drop.objects] == ["params.json", "train/sales.csv"]  # the target last: it starts the run
    rewritten = Path(drop.objects[1][1]).read_text().splitlines()
    assert rewritten[:3] == ["timestamp,item_id,target_value", "2018-01-01,a,0", "2018-02-01,a,1"]
    assert len(rewritten) == 25
    parameters = json.loads(drop.objects[0][1])
    assert parameters["TimestampFormat"] == "yyyy-MM-dd"
    assert parameters["AutoPredictor"] == {
        "PredictorName": "sales",
        "ForecastHorizon": 6,
        "ForecastFrequency": "M",
        "ForecastTypes": ["0.1", "0.5", "0.9"],
    }


def test_a_file_in_amazons_words_goes_as_it_is(write, tmp_path: Path) -> None:
    path = write(lines("timestamp,item_id,target_value", *(f"2020-01-{day:02},a,{day}" for day in range(1, 20))))
    assert guessed_drop(path, Wishes(), tmp_path).objects[1] == ("train/sales.csv", path)


def test_what_the_user_says_is_not_guessed(write, tmp_path: Path) -> None:
    path = write(lines("month,product,sales", *monthly()))
    drop = guessed_drop(path, Wishes("3M", 2, ("0.25", "mean")), tmp_path)
    parameters = json.loads(drop.objects[0][1])
    assert parameters["Datasets"][0]["DataFrequency"] == "M"  # the data's own
    assert parameters["AutoPredictor"]["ForecastFrequency"] == "3M"
    assert parameters["AutoPredictor"]["ForecastHorizon"] == 2
    assert parameters["Forecast"]["ForecastTypes"] == ["0.25", "mean"]
    assert not [sentence for sentence in drop.sentences if "guessed" in sentence]


def test_a_timestamp_that_cannot_be_read_is_refused_with_its_line(write, tmp_path: Path) -> None:
    path = write(lines("month,product,sales", *monthly(), "2020-13,a,1"))
    with pytest.raises(DataError, match=r"sales.csv: line 26, column month: found '2020-13', wanted yyyy-MM$"):
        guessed_drop(path, Wishes(), tmp_path)


@pytest.mark.parametrize(
    ("rows", "frequency", "gaps"),
    [
        (["2020-01-01,a,1", "2020-01-03,a,1", "2020-01-04,a,1"], "D", Gaps(1, 0, 4)),
        (["2020-01-01,a,1", "2020-01-02,a,1", "2020-01-02,b,1", "2020-01-04,b,1"], "D", Gaps(1, 2, 7)),  # a has ended
        (["2020-01-31,a,1", "2020-02-29,a,1", "2020-04-30,a,1"], "M", Gaps(1, 0, 4)),
        (["2020-01-01,a,1", "2020-01-01,a,1", "2020-01-09,a,1"], "W", Gaps(0, 0, 2)),
    ],
)
def test_steps_without_a_row_are_counted_up_to_the_last_row_of_all(
    table, rows: list[str], frequency: str, gaps: Gaps
) -> None:
    opened = table(lines("timestamp,item_id,target_value", *rows))
    assert find_gaps(opened, guess_roles(opened), frequency) == gaps


def daily(*values: str) -> list[str]:
    """A row per day and value; a day whose value is empty has none."""
    days = (date(2020, 1, 1) + timedelta(days=day) for day in range(len(values)))
    return [f"{day},a,{value}" for day, value in zip(days, values, strict=True) if value]


@pytest.mark.parametrize(
    ("values", "filling"),
    [
        (["100", "", *["120", "90"] * 30], "nan"),  # one day of 62: zero would be far off
        (["100", *["120", "90"] * 30], None),  # no gap
        (["100", "", *["120", "0"] * 30], None),  # zeros come with a row, but zero is not far off
        (["100", "", *["120", "-90"] * 30], None),
        (["3", "", *["1", "2"] * 30], None),  # counts from 1 on: the zeros were left out
        (["100", "", *["120", "5"] * 30], None),  # zero is no surprise
        ([*["120", "100", "90", ""] * 15, "110"], None),  # too many for a window without any
    ],
)
def test_a_gap_is_unknown_where_zero_would_be_far_off_and_else_zero(
    write, tmp_path: Path, values: list[str], filling: str | None
) -> None:
    drop = guessed_drop(write(lines("date,product,sales", *daily(*values))), Wishes(frequency="D"), tmp_path)
    configs = json.loads(drop.objects[0][1])["AutoPredictor"].get("DataConfig", {}).get("AttributeConfigs", [])
    expected = [{"AttributeName": "target_value", "Transformations": {"middlefill": filling}}] if filling else []
    assert configs == expected
    said = [sentence for sentence in drop.sentences if sentence.startswith("gaps")]
    assert [("unknown" in sentence, "count as 0" in sentence) for sentence in said] == (
        [(bool(filling), not filling)] if "" in values else []
    )


def test_columns_may_be_called_as_anything(write, tmp_path: Path) -> None:
    days = [day for day in range(1, 29) if day != 9]
    rows = [f"2020-01-{day:02},{t},{90 + day}" for day in days for t in ("a", "b")]
    for header in ("date,t,value", "date,step,number", "moment,line,first"):
        drop = guessed_drop(write(lines(header, *rows), f"{header[:6]}.csv"), Wishes(horizon=2), tmp_path)
        said = "2 of 56 steps have no row and count as unknown, since no value is near 0  (--params can say otherwise)"
        assert drop.sentences[-1] == f"gaps        {said}", header


def test_what_lies_behind_a_series_counts_as_zero_also_where_gaps_within_are_unknown(write, tmp_path: Path) -> None:
    ended = [f"2020-01-{day:02},b,{80 + day}" for day in range(1, 29)]
    rows = [*daily("100", "", *["120", "90"] * 30), *ended]
    sentences = guessed_drop(write(lines("date,product,sales", *rows)), Wishes(), tmp_path).sentences
    assert sentences[-2:] == [
        "gaps        1 of 124 steps have no row and count as unknown, since no value is near 0  "
        "(--params can say otherwise)",
        "gaps        34 of 124 steps behind the last row of a series have no row and count as 0  "
        "(--params can say otherwise)",
    ]


@pytest.mark.parametrize(
    ("first", "last", "frequency", "steps"),
    [
        ("1982-04-01", "2018-12-01", "M", 441),
        ("2018-01-01", "2019-12-01", "Y", 2),
        ("1998-01-01", "2017-10-01", "3M", 80),
        ("2020-01-03", "2020-01-31", "W", 5),
        ("2020-01-01 00:00:00", "2020-01-02 23:00:00", "H", 48),
        ("2020-01-01 00:00:00", "2020-01-01 23:30:00", "30min", 48),
    ],
)
def test_the_history_is_counted_from_the_first_step_to_the_last(
    table, first: str, last: str, frequency: str, steps: int
) -> None:
    opened = table(lines("timestamp,item_id,target_value", f"{first},a,1", f"{last},a,1"))
    assert history_length(opened, guess_roles(opened), frequency) == steps


@pytest.mark.parametrize(
    ("wishes", "sentence"),
    [
        (Wishes(horizon=7), "--horizon 7 after 24 steps of history, wanted at most 6"),
        (Wishes(frequency="D"), "the data have frequency M, and --frequency D is finer"),
        (Wishes(frequency="Y"), "2 steps of frequency Y, wanted at least 4"),
    ],
)
def test_what_the_service_would_refuse_is_refused_before_anything_starts(
    write, tmp_path: Path, wishes: Wishes, sentence: str
) -> None:
    path = write(lines("month,product,sales", *monthly()))
    with pytest.raises(DataError) as refused:
        guessed_drop(path, wishes, tmp_path)
    assert str(refused.value) == f"{path}: {sentence}"


def test_numbers_with_decimal_commas_get_points(write, tmp_path: Path) -> None:
    path = write(lines("date;item;qty", *(f"{day:02}.01.2020;a;{day},5" for day in range(1, 15))))
    drop = guessed_drop(path, Wishes(), tmp_path)
    assert Path(drop.objects[1][1]).read_text().splitlines()[1] == "2020-01-01,a,1.5"


@pytest.mark.parametrize(
    ("numbers", "written"),
    [
        (('"1,234.50"', '"12,345"', "7"), ["1234.50", "12345", "7"]),
        (("NA", "1", "2.5", *["3"] * 9), ["", "1", "2.5", *["3"] * 9]),
    ],
)
def test_groups_of_thousands_and_missing_numbers_are_written_as_amazon_reads_them(
    write, tmp_path: Path, numbers: tuple, written: list[str]
) -> None:
    days = [date(2020, 1, 1) + timedelta(days=day) for day in range(12)]
    numbers, written = (*numbers, *["9"] * (12 - len(numbers))), [*written, *["9"] * (12 - len(written))]
    rows = [f"{day},a,{number}" for day, number in zip(days, numbers, strict=True)]
    drop = guessed_drop(write(lines("timestamp,item_id,target_value", *rows)), Wishes(), tmp_path)
    values = [line.split(",")[2] for line in drop.objects[-1][1].read_text().splitlines()[1:]]
    assert values == written


def test_a_file_with_other_columns_gets_a_dataset_of_its_own(write, tmp_path: Path) -> None:
    def dataset_name(text: str) -> str:
        drop = guessed_drop(write(text), Wishes(), tmp_path)
        return json.loads(drop.objects[0][1])["Datasets"][0]["DatasetName"]

    by_month = lines("month,product,sales", *monthly())
    by_day = lines("date,product,sales", *(f"2020-01-{day:02},a,{day}" for day in range(1, 20)))
    assert dataset_name(by_month) == dataset_name(by_month.replace(",a,", ",b,"))
    assert dataset_name(by_month) != dataset_name(by_day)


def test_files_with_a_params_json_of_the_users_own_go_as_they_are(write) -> None:
    path, parameters = write("anything"), write("{}", "mine.json")
    drop = given_drop(path, Wishes(), parameters)
    assert drop.objects == [("params.json", parameters), ("train/sales.csv", path)]


def test_roles_know_what_names_a_series(table) -> None:
    roles: Roles = guess_roles(
        table(lines("sku,store,week,units", "a,n,2020-01-06,1", "a,s,2020-01-06,1", "b,n,2020-01-06,1"))
    )
    assert roles.keys == ("sku", "store")
