"""The files of a run as they are left for the user: the user's columns and dates in the place of Amazon's."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from forecast_pipeline.publishing.outputs.report_page import data_of, report_page
from local_aws.command.user_results import rewrite
from local_aws.command.user_words import UserWords
from local_aws.guessing.options import Options
from local_aws.upload.upload import BucketUpload, upload_from_guesses
from tests.local_aws.small_files import lines, wide

Write = Callable[..., Path]
MONTHS = [(2022 + k // 12, k % 12 + 1) for k in range(24)]


@pytest.fixture
def upload(write: Write, tmp_path: Path) -> Callable[..., BucketUpload]:
    """What is uploaded of a target file with these lines."""
    return lambda *rows, **options: upload_from_guesses(write(lines(*rows)), Options(**options), tmp_path)


def published(folder: Path, keys: str, forecast: str, long: str = "", **report: Any) -> None:
    """One row in each file of a run; `keys` are the key columns and, behind a slash, their values."""
    names, values = keys.split("/")
    own = "forecast_model" if "model" in names else "model"
    (folder / "forecast.csv").write_text(forecast)
    (folder / "forecast_long.csv").write_text(long or "timestamp,target_value,type\n2024-01-01,5.0,p50\n")
    (folder / "item_accuracy.csv").write_text(f"{names},WAPE,forecast_wape\n{values},1.5,0.2\n")
    (folder / "item_models.csv").write_text(f"{names},{own},season\n{values},naive,12\n")
    (folder / "accuracy.json").write_text('{"RunId": "r1", "AttributeImpact": {"Price_EUR": 1.0}, "Share": 0.1}')
    data = {"target": "target_value", "impact": [{"name": "Price_EUR", "score": 1}], "rows": [], "parts": ["packed"]}
    (folder / "report.html").write_text(report_page(data | report), encoding="utf-8")


def rewritten(folder: Path, upload: BucketUpload) -> tuple[dict[str, list[list[str]]], list[str]]:
    """The rows of each table, and what was said."""
    assert upload.form
    said = [*rewrite(folder, upload.form, UserWords(upload.files))]
    assert not [*folder.glob("*.new")]
    return {path.stem: [*csv.reader(path.read_text("utf-8").splitlines())] for path in folder.glob("*.csv")}, said


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def test_columns_and_dates_are_those_of_the_users_file(upload: Callable[..., BucketUpload], out: Path) -> None:
    rows = [f"{i},1.{month}.{year},x,{k}" for k, (year, month) in enumerate(MONTHS) for i in "ab"]
    rows += [f"{i},1.{month}.{year},y,{k}" for k, (year, month) in enumerate(MONTHS) for i in "ab"]
    made = upload("Artikel,Tag,model,Menge (Stück)", *rows)
    keys = "item_id,model/a,x"
    forecast = 'item_id,model,date,p10,p50\na,"x, y",2024-01-01T00:00:00Z,1.5,2.0\na,x,2024-12-01T00:00:00Z,1.5,2.0\n'
    long = "timestamp,item_id,model,target_value,type\n2024-01-01,a,x,5.0,p50\n"
    published(out, keys, forecast, long)
    tables, said = rewritten(out, made)
    assert said == []
    assert tables["forecast"] == [
        ["Artikel", "Tag", "model", "p10", "p50"],
        ["a", "1.1.2024", "x, y", "1.5", "2.0"],
        ["a", "1.12.2024", "x", "1.5", "2.0"],
    ]
    assert tables["forecast_long"] == [
        ["Artikel", "Tag", "model", "Menge (Stück)", "type"],
        ["a", "1.1.2024", "x", "5.0", "p50"],
    ]
    assert tables["item_accuracy"] == [["Artikel", "model", "WAPE", "forecast_wape"], ["a", "x", "1.5", "0.2"]]
    assert tables["item_models"] == [["Artikel", "model", "forecast_model", "season"], ["a", "x", "naive", "12"]]
    data = data_of((out / "report.html").read_text(encoding="utf-8"))
    assert (data["target"], data["parts"], "itemName" in data) == ("Menge (Stück)", ["packed"], False)


def test_no_cell_is_a_formula_for_a_spreadsheet(upload: Callable[..., BucketUpload], out: Path) -> None:
    rows = [f"{i},{year}-{month:02}-01,{k}" for k, (year, month) in enumerate(MONTHS) for i in ("=1", "b")]
    made = upload("+shop,day,sales", *rows)
    forecast = "item_id,date,p10\n'=1,2024-01-01T00:00:00Z,-1.5\n"
    published(out, "item_id/'=1", forecast, "timestamp,item_id,target_value,type\n2024-01-01,=1,-5.0,p50\n")
    tables, _ = rewritten(out, made)
    assert tables["forecast"] == [["'+shop", "day", "p10"], ["'=1", "2024-01-01", "-1.5"]]
    assert tables["forecast_long"][1] == ["'=1", "2024-01-01", "-5.0", "p50"]


def test_one_series_has_no_column_of_items(upload: Callable[..., BucketUpload], out: Path) -> None:
    made = upload("p50,월", *(f"{k},{year}년 {month}월" for k, (year, month) in enumerate(MONTHS)))
    published(out, "item_id/all", "item_id,date,p50\nall,2024-03-01T00:00:00Z,2.0\n")
    tables, said = rewritten(out, made)
    assert said == []
    assert tables["forecast"] == [["월", "p50"], ["2024년 3월", "2.0"]]
    assert tables["forecast_long"] == [["p50", "월", "type"], ["5.0", "2024년 1월", "p50"]]
    assert tables["item_accuracy"] == [["WAPE", "forecast_wape"], ["1.5", "0.2"]]
    data = data_of((out / "report.html").read_text(encoding="utf-8"))
    assert (data["target"], data["itemName"]) == ("p50", "p50")


def test_columns_beside_the_target_have_their_names_too(
    write: Write, upload: Callable[..., BucketUpload], out: Path
) -> None:
    months = [f"a,{year}-{month:02}" for year, month in MONTHS]
    prices = write(lines("sku,month,Price (EUR)", *(f"{row},2.5" for row in months)), "prices.csv")
    goods = write(lines("sku,p50", "a,fruit"), "goods.csv")
    made = upload("sku,month,units", *(f"{row},{k}" for k, row in enumerate(months)), related=prices, metadata=goods)
    published(
        out,
        "item_id/a",
        "item_id,p50,date,forecast_p50\na,fruit,2024-03-01T00:00:00Z,2.0\n",
        rows=[{"place": "train/", "read": 24, "first": {"fields": "train/sales.csv, line 7"}}],
    )
    tables, _ = rewritten(out, made)
    assert tables["forecast"] == [["sku", "month", "p50", "forecast_p50"], ["a", "2024-03", "fruit", "2.0"]]
    accuracy = json.loads((out / "accuracy.json").read_text())
    assert accuracy == {"RunId": "r1", "AttributeImpact": {"Price (EUR)": 1.0}, "Share": 0.1}
    data = data_of((out / "report.html").read_text(encoding="utf-8"))
    assert data["impact"] == [{"name": "Price (EUR)", "score": 1}]
    (rows,) = data["rows"]
    assert rows["place"] == f"{out.parent}/sales.csv"
    assert rows["first"]["fields"].startswith(f"{out.parent}/sales.csv: line ")


def test_the_year_and_the_month_stand_in_their_own_columns(upload: Callable[..., BucketUpload], out: Path) -> None:
    made = upload("year,month,sku,units", *(f"{year},{month},a,{k}" for k, (year, month) in enumerate(MONTHS)))
    published(out, "item_id/a", "item_id,date,p50\na,2024-03-01T00:00:00Z,2.0\n")
    tables, said = rewritten(out, made)
    assert (tables["forecast"], said) == ([["year", "month", "sku", "p50"], ["2024", "3", "a", "2.0"]], [])


def test_a_column_for_each_series_keeps_how_its_dates_are_written(
    upload: Callable[..., BucketUpload], out: Path
) -> None:
    made = upload(*(row.replace("-", "/") for row in wide("apples", "pears", "plums")))
    published(out, "item_id/pears", "item_id,date,p50\npears,2020-02-03T00:00:00Z,2.0\n")
    tables, said = rewritten(out, made)
    assert (tables["forecast"], said) == ([["date", "series", "p50"], ["2020/02/03", "pears", "2.0"]], [])


def test_without_a_header_the_names_are_amazons(upload: Callable[..., BucketUpload], out: Path) -> None:
    made = upload(*(f"a,{year}/{month:02},{k}" for k, (year, month) in enumerate(MONTHS)))
    published(out, "item_id/a", "item_id,date,p50\na,2024-03-01T00:00:00Z,2.0\n")
    assert rewritten(out, made)[0]["forecast"] == [["item_id", "date", "p50"], ["a", "2024/03", "2.0"]]


def test_dates_that_the_file_does_not_tell_how_to_write_are_told_of(
    upload: Callable[..., BucketUpload], out: Path
) -> None:
    words = ["janvier", "février", "mars", "avril", "mai"]
    made = upload("mois,sku,ventes", *(f"{word} 2023,a,{k}" for k, word in enumerate(words)), horizon=1)
    published(out, "item_id/a", "item_id,date,p50\na,2023-06-01T00:00:00Z,2.0\n")
    tables, said = rewritten(out, made)
    assert tables["forecast"] == [["mois", "sku", "p50"], ["2023-06-01", "a", "2.0"]]
    assert said == [
        f"the dates of the forecast are written as yyyy-MM-dd: {out.parent}/sales.csv does not tell how to write them"
    ]
