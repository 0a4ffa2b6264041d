"""Backtest exports, and the item-level accuracy in them."""

import io
import itertools
import math

import duckdb
import numpy as np
import pytest

from forecast_engine import ROUNDS
from forecast_service.accuracy import item_accuracy
from forecast_service.panel.trained_predictor import shared_name
from forecast_service.records.record import Record
from forecast_service.storage.bucket import Storage, resource_prefix
from tests.forecast_service.jobs.sample_data import LEGACY, TARGET, daily_rows, exported
from tests.forecast_service.jobs.service import SERVICE_BUCKET, Service

VALUES, METRICS = "back/forecasted-values/", "back/accuracy-metrics-values/"


@pytest.fixture
def imported(service: Service) -> Record:
    """Twelve whole items, and one that begins within the first of two windows."""
    late = "late,2020-02-29,4\n" + "".join(f"late,2020-03-{day:02},3\n" for day in range(1, 11))
    return service.import_data(service.dataset(*TARGET), service.put("train/a.csv", daily_rows() + late))


@pytest.fixture
def predictor(service: Service, imported: Record) -> Record:
    windows = {"NumberOfBacktestWindows": 2, "BackTestWindowOffset": 7}
    types = ["mean", "0.1", "0.65"]
    return service.train(
        imported, PerformAutoML=True, ForecastTypes=types, **LEGACY | {"EvaluationParameters": windows}
    )


def test_the_files_are_named_and_marked_as_amazons(service: Service, predictor: Record) -> None:
    record = service.export(predictor, "s3://caller-data/back/", name="check")
    assert record.message is None
    keys = service.keys("back/")
    assert [key for key in keys if key.count("/") == 1] == ["back/_CHECK", "back/_SUCCESS"]
    assert [key.split("_20")[0] for key in keys if key.count("/") == 2] == [
        f"{METRICS}Accuracy_check",
        f"{VALUES}Forecasts_check",
    ]
    assert all(key.endswith("Z_part0.csv") for key in keys if key.count("/") == 2)


def test_a_predictor_of_an_earlier_build_is_to_be_trained_again(service: Service, predictor: Record) -> None:
    storage = Storage(SERVICE_BUCKET, resource_prefix(predictor))
    document = storage.read_document(shared_name(len(ROUNDS) - 1))
    document["members"] = document.pop("member_errors")  # its name in the first builds
    storage.write_document(shared_name(len(ROUNDS) - 1), document)
    record = service.export(predictor, "s3://caller-data/back/")
    assert record.status == "CREATE_FAILED"
    assert record.message == "The predictor was trained by another version: found no 'member_errors': train it again"
    inputs = {"TARGET_TIME_SERIES": predictor.inputs["TARGET_TIME_SERIES"]}
    assert service.forecast(predictor, inputs).message == record.message


def test_forecasted_values_hold_the_actuals_of_complete_windows(service: Service, predictor: Record) -> None:
    service.export(predictor, "s3://caller-data/back/")
    header, *rows = exported(service, VALUES)
    assert header == [
        "item_id",
        "timestamp",
        "target_value",
        "backtestwindow_start_time",
        "backtestwindow_end_time",
        "mean",
        "p10",
        "p65",
    ]
    assert len([row for row in rows if row[0] != "late"]) == 12 * 2 * 7
    actual = {tuple(line.split(",")[:2]): line.split(",")[2] for line in daily_rows().splitlines()}
    for row in rows:
        if row[0] != "late":
            assert float(row[2]) == float(actual[row[0], row[1].removesuffix("T00:00:00Z")])
    windows = {(row[3], row[4]) for row in rows}
    assert windows == {
        ("2020-02-26T00:00:00", "2020-03-03T00:00:00"),
        ("2020-03-04T00:00:00", "2020-03-10T00:00:00"),
    }


def test_item_accuracy_follows_from_the_forecasted_values(service: Service, predictor: Record) -> None:
    service.export(predictor, "s3://caller-data/back/")
    _, *values = exported(service, VALUES)
    header, *rows = exported(service, METRICS)
    assert header == [
        "item_id",
        "backtest_window",
        "backtestwindow_start_time",
        "backtestwindow_end_time",
        "wQL[0.1]",
        "wQL[0.65]",
        "Average wQL",
        "RMSE",
        "WAPE",
        "MAPE",
        "MASE",
    ]
    assert len(rows) == 13 * 3
    row = next(row for row in rows if row[0] == "item_4" and row[1] == "Computed" and row[2] == "2020-03-04T00:00:00")
    steps = [step for step in values if step[0] == "item_4" and step[3] == row[2]]
    actual = [float(step[2]) for step in steps]
    mean, low = ([float(step[position]) for step in steps] for position in (5, 6))
    errors = [abs(y - f) for y, f in zip(actual, mean, strict=True)]
    loss = sum(max(0.1 * (y - q), 0.9 * (q - y)) for y, q in zip(actual, low, strict=True))
    assert float(row[4]) == pytest.approx(2 * loss / sum(actual))
    assert float(row[6]) == pytest.approx((float(row[4]) + float(row[5])) / 2)
    assert float(row[7]) == pytest.approx(math.sqrt(sum(error**2 for error in errors) / 7))
    assert float(row[8]) == pytest.approx(sum(errors))  # not divided by anything, as in Amazon's files
    assert float(row[9]) == pytest.approx(sum(e / y for e, y in zip(errors, actual, strict=True)) / 7)
    # a window of one season takes the scale of one step: mean |y_t - y_(t-1)|
    scale = sum(abs(after - before) for before, after in itertools.pairwise(actual)) / 6
    assert float(row[10]) == pytest.approx(sum(errors) / 7 / scale)


def test_the_summary_of_an_item_averages_its_windows(service: Service, predictor: Record) -> None:
    service.export(predictor, "s3://caller-data/back/")
    rows = [row for row in exported(service, METRICS) if row[0] == "item_4"]
    first, second, summary = rows
    assert [row[1] for row in rows] == ["Computed", "Computed", "Summary"]
    assert (summary[2], summary[3]) == (first[2], second[3])
    for position in range(4, 11):
        average = (float(first[position]) + float(second[position])) / 2
        assert float(summary[position]) == pytest.approx(average)


def test_a_window_that_was_not_observed_is_not_defined_and_has_no_values(service: Service, predictor: Record) -> None:
    service.export(predictor, "s3://caller-data/back/")
    early, _, summary = (row for row in exported(service, METRICS) if row[0] == "late")
    assert early[4:] == ["not defined"] * 7
    assert "not defined" not in summary[4:10]
    starts = {row[3] for row in exported(service, VALUES) if row[0] == "late"}
    assert starts == {"2020-03-04T00:00:00"}


def test_weekends_that_never_occur_have_no_row_and_no_part_in_the_accuracy(service: Service) -> None:
    price = "".join(line for line in daily_rows(1).splitlines(True) if np.is_busday(line.split(",")[1]))
    imported = service.import_data(service.dataset(*TARGET), service.put("train/a.csv", price))
    unknown = [{"AttributeName": "target_value", "Transformations": {"middlefill": "nan", "backfill": "nan"}}]
    predictor = service.train(imported, DataConfig={"AttributeConfigs": unknown})
    service.export(predictor, "s3://caller-data/back/")
    _, *values = exported(service, VALUES)
    days = [row[1][:10] for row in values if row[3] == "2020-03-04T00:00:00"]
    assert days == ["2020-03-04", "2020-03-05", "2020-03-06", "2020-03-09", "2020-03-10"]  # Wednesday to Tuesday
    row = next(row for row in exported(service, METRICS) if row[1:3] == ["Computed", "2020-03-04T00:00:00"])
    assert "not defined" not in row
    assert float(row[-4]) > 0


def test_dimensions_stand_behind_the_item(service: Service) -> None:
    dataset = service.dataset("item_id:string", "timestamp:timestamp", "target_value:float", "store:string")
    lines = [line + store for line in daily_rows(3).splitlines() for store in (",north", ",south")]
    imported = service.import_data(dataset, service.put("train/a.csv", "\n".join(lines)))
    predictor = service.train(imported, ForecastDimensions=["store"])
    service.export(predictor, "s3://caller-data/back")
    assert exported(service, VALUES)[0][:3] == ["item_id", "store", "timestamp"]
    header, *rows = exported(service, METRICS)
    assert header[:3] == ["item_id", "store", "backtest_window"]
    assert {(row[0], row[1]) for row in rows} == {(f"item_{i}", s) for i in range(3) for s in ("north", "south")}


def test_amazons_printed_row_of_an_item_with_one_sale_is_met() -> None:
    """Item 32050 of the published bike example: one sale in 24 hours, RMSE 0.20765, MAPE 0.04233, MASE scale 2/23."""
    actual = np.zeros((1, 24))
    actual[0, 5] = 1.0
    mean = np.zeros((1, 24))
    mean[0, 5] = -0.016  # off by 1.016 where the sale is
    assert item_accuracy.mape(actual, mean)[0] == pytest.approx(1.016 / 24)
    errors = np.abs(actual - mean).mean()
    assert item_accuracy.mase(actual, mean, season_length=24)[0] == pytest.approx(errors / (2 / 23))
    assert item_accuracy.rmse(actual, mean)[0] == pytest.approx(1.016 / math.sqrt(24))


def test_a_window_without_demand_has_the_bare_loss_and_no_scaled_error() -> None:
    actual, quantiles = np.zeros((1, 3)), np.full((1, 3, 1), 0.5)
    losses = item_accuracy.weighted_quantile_losses(actual, quantiles, (0.9,))
    assert losses[0, 0] == pytest.approx(2 * 3 * 0.1 * 0.5)
    assert math.isnan(item_accuracy.mase(actual, quantiles[:, :, 0], 7)[0])


def test_steps_without_an_actual_value_are_left_out() -> None:
    actual, mean = np.array([[4.0, np.nan, 2.0, 6.0]]), np.array([[5.0, 9.0, 2.0, 3.0]])
    assert item_accuracy.rmse(actual, mean)[0] == pytest.approx(math.sqrt((1 + 0 + 9) / 3))
    assert item_accuracy.summed_absolute_error(actual, mean)[0] == 4
    assert item_accuracy.mape(actual, mean)[0] == pytest.approx((1 / 4 + 3 / 6) / 3)
    assert item_accuracy.mase(actual, mean, season_length=7)[0] == pytest.approx((4 / 3) / 4)  # the one pair: 2, 6
    assert item_accuracy.weighted_quantile_losses(actual, mean[..., None], (0.5,))[0, 0] == pytest.approx(4 / 12)


def test_forecasts_near_zero_lose_twice_the_level_on_one_sale() -> None:
    actual = np.array([[0.0, 0.0, 1.0, 0.0]])
    assert item_accuracy.weighted_quantile_losses(actual, np.zeros((1, 4, 1)), (0.9,))[0, 0] == pytest.approx(1.8)


def test_a_backtest_export_as_parquet_holds_the_same(service: Service, predictor: Record) -> None:
    service.export(predictor, "s3://caller-data/back/", name="rows")
    record = service.export(predictor, "s3://caller-data/columns/", name="columns", Format="PARQUET")
    assert record.message is None
    for folder in (VALUES, METRICS):
        (key,) = service.keys(folder.replace("back/", "columns/"))
        assert key.endswith("Z_part0.parquet")
        table = duckdb.read_parquet(io.BytesIO(service.read(key)))
        header, *rows = exported(service, folder)
        assert table.columns == header
        assert [[*map(str, row)] for row in table.fetchall()] == rows
