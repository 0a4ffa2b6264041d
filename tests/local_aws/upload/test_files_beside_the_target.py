"""Related time series, item metadata and holidays: what is guessed of them, said of them, and asked of the service."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from forecast_pipeline.parameters.read import read_parameters
from local_aws.guessing.options import Options
from local_aws.guessing.table import DataError
from local_aws.upload.upload import BucketUpload, upload_from_guesses
from tests.local_aws.small_files import lines, monthly

Write = Callable[..., Path]
MONTHS = 24  # of the target's history; six more are forecast


def parameters(upload: BucketUpload) -> dict[str, Any]:
    """params.json of the upload, which the pipeline takes."""
    content = upload.objects[0][1]
    assert isinstance(content, bytes)
    assert read_parameters("params.json", content)
    tree: dict[str, Any] = json.loads(content)
    return tree


def month(number: int) -> str:
    return f"{2018 + number // 12}-{number % 12 + 1:02}"


def prices(months: range, *left_out: int, value: str = "2.5", item: str = "a") -> list[str]:
    return [f"{item},{month(number)},{value}" for number in months if number not in left_out]


@pytest.fixture
def forecast(write: Write, tmp_path: Path) -> Callable[..., BucketUpload]:
    """The upload of two years of sales, by month, and of the files beside them."""

    def upload(related: list[str] | None = None, metadata: list[str] | None = None, **options: Any) -> BucketUpload:
        path = write(lines("month,product,sales", *monthly(MONTHS)))
        if related:
            options["related"] = write(lines(*related), "prices.csv")
        if metadata:
            options["metadata"] = write(lines(*metadata), "about.csv")
        return upload_from_guesses(path, Options(**options), tmp_path)

    return upload


def test_related_and_metadata_files_get_schemas_of_their_own(write: Callable[..., Path], tmp_path: Path) -> None:
    path = write(lines("month,product,sales", *monthly()))
    related = write(
        lines("product,month,price,season", *(f"a,{row[:7]},2.5,cold" for row in monthly(30))), "prices.csv"
    )
    metadata = write(lines("product,Colour of it", "a,red"), "about.csv")
    upload = upload_from_guesses(path, Options(related=related, metadata=metadata), tmp_path)
    assert upload.sentences[-3:] == [
        "related     price of prices.csv  (known for the time of the forecast)",
        "left out    season of prices.csv (not numbers)",
        "metadata    Colour of it of about.csv",
    ]
    assert [key for key, _ in upload.objects] == [
        "params.json",
        "related/prices.csv",
        "metadata/about.csv",
        "train/sales.csv",
    ]
    target, prices, about = json.loads(upload.objects[0][1])["Datasets"]
    names = [dataset["DatasetName"].rpartition("_")[0] for dataset in (target, prices, about)]
    assert names == ["sales", "sales_related", "sales_metadata"]
    assert [a["AttributeName"] for a in prices["Schema"]["Attributes"]] == ["timestamp", "item_id", "price"]
    assert [a["AttributeName"] for a in about["Schema"]["Attributes"]] == ["item_id", "Colour_of_it"]
    assert "DataFrequency" not in about
    assert Path(upload.objects[1][1]).read_text().splitlines()[:2] == ["timestamp,item_id,price", "2018-01-01,a,2.5"]
    # Prices are known for all of the two years and the six months to come, so nothing is filled.
    assert "DataConfig" not in json.loads(upload.objects[0][1])["AutoPredictor"]


@pytest.mark.parametrize(
    ("rows", "fillings", "words"),
    [
        (prices(range(30), 5, 6), {"middlefill": "median"}, "known for the time of the forecast"),
        (prices(range(28)), {"futurefill": "median"}, "known for the time of the forecast"),
        (prices(range(24)), {}, "known for the past alone"),
        (prices(range(22)), {"backfill": "median"}, "known for the past alone"),
        (prices(range(30), 23), {"middlefill": "median"}, "known for the time of the forecast"),
        (prices(range(-6, 40)), {}, "known for the time of the forecast"),
        (prices(range(0, 30, 5), value="0"), {"middlefill": "zero", "futurefill": "zero"}, "known for the time of the"),
    ],
    ids=["a gap", "ends early", "history alone", "ends before the target", "gap at its end", "longer", "a flag"],
)
def test_gaps_of_a_related_series_are_filled_and_said(
    forecast: Callable[..., BucketUpload], rows: list[str], fillings: dict[str, str], words: str
) -> None:
    upload = forecast(["product,month,price", *rows])
    configs = parameters(upload)["AutoPredictor"].get("DataConfig", {}).get("AttributeConfigs", [])
    assert configs == ([{"AttributeName": "price", "Transformations": fillings}] if fillings else [])
    assert [sentence for sentence in upload.sentences if sentence.startswith("related     price of prices.csv")]
    assert words in next(sentence for sentence in upload.sentences if sentence.startswith("related"))
    assert any("have no price" in sentence for sentence in upload.sentences) is bool(fillings)


def test_how_many_steps_are_filled_is_said(forecast: Callable[..., BucketUpload]) -> None:
    both = [*prices(range(30), 5, 6), *prices(range(20), item="b")]  # b: 4 months to the target's end, 6 to come
    sentence = "gaps        12 steps have no price and get the median of those before  (--params can say otherwise)"
    assert sentence in forecast(["product,month,price", *both]).sentences


def test_two_values_for_one_period_are_refused_with_their_lines(forecast: Callable[..., BucketUpload]) -> None:
    daily = ["a,2018-01-01,2.5", "a,2018-01-02,2.5", "a,2018-02-01,3", "a,2018-02-02,4"]
    with pytest.raises(DataError, match=r"prices.csv: lines 4 and 5 hold two values of price for one period"):
        forecast(["product,month,price", *daily])


def test_related_series_of_another_time_are_refused(forecast: Callable[..., BucketUpload]) -> None:
    with pytest.raises(DataError, match=r"prices.csv: no value of price lies in the time of the target or of the"):
        forecast(["product,month,price", *prices(range(-70, -60))])


def test_a_related_series_that_begins_after_its_target_is_refused(forecast: Callable[..., BucketUpload]) -> None:
    with pytest.raises(DataError) as refused:
        forecast(["product,month,price", *prices(range(3, 30))])
    assert str(refused.value).endswith(
        "prices.csv: price of a begins at 2018-04-01 00:00:00, wanted it from 2018-01-01 00:00:00 on, "
        "where the target begins"
    )


@pytest.mark.parametrize("rest", [["0"] * 5, []], ids=["zeros beside ones", "nothing but ones"])
def test_a_flag_that_is_not_set_is_zero_from_the_beginning_on(write: Write, tmp_path: Path, rest: list[str]) -> None:
    two = [row.replace(",a,", f",{item},") for item in ("a", "b") for row in monthly(MONTHS)]
    path = write(lines("month,product,sales", *two))
    set_in = [f"a,{month(number)},1" for number in (7, 8, 26)]
    not_set = [f"a,{month(10 + number)},{value}" for number, value in enumerate(rest)]
    promotions = write(lines("product,month,promoted", *set_in, *not_set), "promotions.csv")
    upload = upload_from_guesses(path, Options(related=promotions), tmp_path)
    assert parameters(upload)["AutoPredictor"]["DataConfig"]["AttributeConfigs"] == [
        {
            "AttributeName": "promoted",
            "Transformations": {"middlefill": "zero", "backfill": "zero", "futurefill": "zero"},
        }
    ]
    written = Path(str(upload.objects[1][1])).read_text().splitlines()
    assert written[1:4] == ["2018-08-01,a,1", "2018-09-01,a,1", "2020-03-01,a,1"]
    assert sorted(written[-2:]) == ["2018-01-01,a,0", "2018-01-01,b,0"]
    # 30 months of two products, less what stands there.
    assert f"gaps        {60 - 5 - len(rest)} steps have no promoted and get 0  (--params can say otherwise)" in (
        upload.sentences
    )


def test_a_related_file_without_numbers_is_refused(forecast: Callable[..., BucketUpload]) -> None:
    with pytest.raises(DataError, match=r"prices.csv: found the columns product, month, season, wanted a number besi"):
        forecast(["product,month,season", "a,2018-01,cold"])


def test_a_related_file_without_items_holds_for_all_of_them(write: Write, tmp_path: Path) -> None:
    two = [row.replace(",a,", f",{item},") for item in ("a", "b") for row in monthly(MONTHS)]
    path = write(lines("month,product,sales", *two))
    weather = write(lines("month,degrees", *(f"{month(number)},{number}.5" for number in range(30))), "weather.csv")
    upload = upload_from_guesses(path, Options(related=weather), tmp_path)
    assert upload.sentences[-1] == (
        "related     degrees of weather.csv  (known for the time of the forecast, the same for every item)"
    )
    assert parameters(upload)["Datasets"][1]["Schema"]["Attributes"][1]["AttributeName"] == "item_id"
    written = Path(str(upload.objects[1][1])).read_text().splitlines()
    assert written[0] == "timestamp,item_id,degrees"
    expected = {f"{month(number)}-01,{item},{number}.5" for number in range(30) for item in ("a", "b")}
    assert len(written) == 61
    assert set(written[1:]) == expected


def test_related_rows_that_nothing_tells_apart_are_refused(forecast: Callable[..., BucketUpload]) -> None:
    rows = [f"{sku},{month(0)},{price}" for sku, price in (("a", 2), ("b", 3))]
    with pytest.raises(DataError, match=r"lines 2 and 3 hold two values of price .* or a column product that tells th"):
        forecast(["sku,month,price", *rows])


def test_a_related_file_that_would_grow_too_large_is_refused(
    forecast: Callable[..., BucketUpload], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("local_aws.upload.related_rows.MOST_ROWS", 29)
    with pytest.raises(DataError, match=r"found 30 rows without a column product for 1 items, wanted at most 29 rows"):
        forecast(["month,degrees", *(f"{month(number)},1" for number in range(30))])


def test_metadata_without_the_item_are_refused(forecast: Callable[..., BucketUpload]) -> None:
    with pytest.raises(DataError, match=r"about.csv: has no column product, as the target file has; found sku, colour"):
        forecast(metadata=["sku,colour", "a,red"])


def test_a_related_file_may_name_fewer_dimensions_than_the_target(write: Write, tmp_path: Path) -> None:
    by_shop = [f"{month(number)},a,{shop},{number}" for number in range(MONTHS) for shop in ("x", "y")]
    path = write(lines("month,product,shop,sales", *by_shop))
    related = write(lines("product,month,price", *prices(range(30))), "prices.csv")
    tree = parameters(upload_from_guesses(path, Options(related=related), tmp_path))
    assert tree["AutoPredictor"]["ForecastDimensions"] == ["shop"]
    names = [each["AttributeName"] for each in tree["Datasets"][1]["Schema"]["Attributes"]]
    assert names == ["timestamp", "item_id", "price"]


def test_names_that_a_schema_cannot_have_are_replaced(forecast: Callable[..., BucketUpload]) -> None:
    rows = [f"a,{month(number)},1,2,3" for number in range(30)]
    tree = parameters(forecast(["product,month,count,Price (EUR),가격", *rows]))
    names = [each["AttributeName"] for each in tree["Datasets"][1]["Schema"]["Attributes"]]
    assert names == ["timestamp", "item_id", "column_1", "Price_EUR", "column_3"]


def test_related_columns_may_be_called_as_anything(write: Write, tmp_path: Path) -> None:
    by_shop = [f"{month(number)},a,{shop},{number}" for number in range(MONTHS) for shop in ("x", "y")]
    path = write(lines("month,product,first,sales", *by_shop))
    rows = [f"a,{shop},{month(number)},0,{number},7,1.5" for number in range(30) for shop in ("x", "y") if number != 9]
    related = write(lines("product,first,month,step,moment,line,last", *rows), "beside.csv")
    tree = parameters(upload_from_guesses(path, Options(related=related), tmp_path))
    fillings = {
        each["AttributeName"]: each["Transformations"]
        for each in tree["AutoPredictor"]["DataConfig"]["AttributeConfigs"]
    }
    assert fillings.pop("step") == {"middlefill": "zero"}
    assert list(fillings.values()) == [{"middlefill": "median"}] * 3


def test_holidays_are_asked_for_by_country(forecast: Callable[..., BucketUpload]) -> None:
    upload = forecast(holidays="KR")
    assert parameters(upload)["AutoPredictor"]["DataConfig"]["AdditionalDatasets"] == [
        {"Name": "holiday", "Configuration": {"CountryCode": ["KR"]}}
    ]
    assert upload.sentences[-1] == "holidays    KR"


def test_what_moves_the_forecast_is_asked_for_where_there_is_more_than_the_history(
    forecast: Callable[..., BucketUpload],
) -> None:
    for beside in ({"related": ["product,month,price", *prices(range(30))]}, {"metadata": ["product,colour", "a,red"]}):
        assert parameters(forecast(**beside))["AutoPredictor"]["ExplainPredictor"] is True
    assert parameters(forecast(holidays="KR"))["AutoPredictor"]["ExplainPredictor"] is True
    assert "ExplainPredictor" not in parameters(forecast())["AutoPredictor"]


def test_metadata_are_texts_and_numbers_and_new_items_are_said(forecast: Callable[..., BucketUpload]) -> None:
    upload = forecast(metadata=["product,colour,size,store_no", "a,red,1.5,7", "b,blue,2,8", "c,red,3,9"])
    assert [
        (each["AttributeName"], each["AttributeType"])
        for each in parameters(upload)["Datasets"][1]["Schema"]["Attributes"]
    ] == [("item_id", "string"), ("colour", "string"), ("size", "float"), ("store_no", "string")]
    assert upload.sentences[-1] == (
        "new items   2 items of about.csv without history, forecast like those that they resemble"
    )


def test_items_that_the_metadata_do_not_know_are_said(forecast: Callable[..., BucketUpload]) -> None:
    assert forecast(metadata=["product,colour", "b,red"]).sentences[-1] == (
        "unknown     1 item of sales.csv not in about.csv"
    )


def test_an_item_that_is_described_twice_is_refused_with_both_lines(forecast: Callable[..., BucketUpload]) -> None:
    with pytest.raises(DataError, match=r"about.csv: lines 2 and 4 both describe a, wanted one line per item"):
        forecast(metadata=["product,colour", "a,red", "b,red", "a,blue"])
    assert forecast(metadata=["product,colour", "a,red", "b,red", "a,red"])


def test_what_is_said_of_dates_and_decimals_holds_for_the_files_beside_the_target(write: Write, tmp_path: Path) -> None:
    days = range(1, 13)
    path = write(lines("day;item;sales", *(f"{day:02}/01/2024;a;{day},125" for day in days)))
    related = write(lines("day;item;price", *(f"{day:02}/01/2024;a;{day},250" for day in days)), "prices.csv")
    about = write(lines("item;weight", "a;1,500"), "about.csv")
    options = Options(related=related, metadata=about, timestamp=("day",), date_order="dmy", decimal=",")
    files = {
        file.key.partition("/")[0]: file.path.read_text() for file in upload_from_guesses(path, options, tmp_path).files
    }
    assert files["related"].splitlines()[1] == "2024-01-01,a,1.250"
    assert files["metadata"].splitlines()[1] == "a,1.500"


def test_two_lines_of_several_files_are_told_with_their_files(write: Write, tmp_path: Path) -> None:
    folder = tmp_path / "prices"
    folder.mkdir()
    for name, value in (("one.csv", "2.5"), ("two.csv", "3.5")):
        (folder / name).write_text(lines("product,month,price", *prices(range(30), value=value)))
    path, options = write(lines("month,product,sales", *monthly(MONTHS))), Options(related=str(folder))
    with pytest.raises(DataError, match=r"one\.csv: line 2 and .*two\.csv: line 2 hold two values of price"):
        upload_from_guesses(path, options, tmp_path)
