"""When an import holds a forecast's whole window: frequencies, boundaries, and who is evaluated already."""

from typing import Any

import pytest

from forecast_service.monitors.due_evaluations import due_evaluations
from forecast_service.monitors.evaluations import evaluation_arn
from forecast_service.records.record import Record, now
from tests.forecast_service.jobs.service import ACCOUNT, Service

DATASET, GROUP, PREDICTOR, MONITOR = (
    f"arn:aws:forecast:us-east-1:{ACCOUNT}:{name}"
    for name in ("dataset/sales", "dataset-group/shop", "predictor/p", "monitor/m")
)


class Shop:
    """A monitored predictor, and its forecast of steps that begin from ``first`` to ``last``."""

    def __init__(self, service: Service) -> None:
        self.service = service

    def monitored(self, data: str, forecast: str, first: str, last: str, **boundary: Any) -> "Shop":
        create = self.service.create
        create(
            "dataset", "dataset/sales", "ACTIVE", request={"DatasetType": "TARGET_TIME_SERIES", "DataFrequency": data}
        )
        create("dataset_group", "dataset-group/shop", "ACTIVE", request={"DatasetArns": [DATASET]})
        request = {"ForecastFrequency": forecast} | ({"TimeAlignmentBoundary": boundary} if boundary else {})
        create("predictor", "predictor/p", "ACTIVE", request=request, parents={"dataset_group": GROUP})
        create("monitor", "monitor/m", "ACTIVE", parents={"predictor": PREDICTOR})
        create("forecast", "forecast/f", "ACTIVE", facts=extent(first, last), parents={"predictor": PREDICTOR})
        return self

    def imported(self, first: str, last: str, name: str = "i") -> list[Record]:
        """What is due after an import of data from ``first`` to ``last``."""
        parents, resource = {"dataset": DATASET}, f"dataset-import-job/sales/{name}"
        job = self.service.create("dataset_import_job", resource, "ACTIVE", facts=extent(first, last), parents=parents)
        return due_evaluations(self.service.records, job)


def extent(first: str, last: str) -> dict[str, str]:
    return {"first_timestamp": full(first), "last_timestamp": full(last)}


def full(moment: str) -> str:
    return moment if "T" in moment else f"{moment}T00:00:00"


@pytest.fixture
def shop(service: Service) -> Shop:
    return Shop(service)


@pytest.mark.parametrize(
    ("frequencies", "steps", "last_with_all", "last_without"),
    [
        (("D", "D"), ("2024-05-01", "2024-05-07"), "2024-05-07", "2024-05-06"),
        (("H", "H"), ("2024-05-01T00:00:00", "2024-05-01T23:00:00"), "2024-05-01T23:00:00", "2024-05-01T22:00:00"),
        (("15min", "H"), ("2024-05-01T00:00:00", "2024-05-01T01:00:00"), "2024-05-01T01:45:00", "2024-05-01T01:44:00"),
        (("D", "W"), ("2024-04-29", "2024-05-06"), "2024-05-12", "2024-05-11"),  # weeks begin on Mondays
        (("W", "W"), ("2024-04-29", "2024-05-06"), "2024-05-06", "2024-05-05"),
        (("D", "M"), ("2024-01-01", "2024-02-01"), "2024-02-29", "2024-02-28"),
        (("M", "M"), ("2024-01-01", "2024-02-01"), "2024-02-01", "2024-01-31"),
        (("M", "3M"), ("2024-01-01", "2024-04-01"), "2024-06-01", "2024-05-01"),
        (("M", "Y"), ("2024-01-01", "2025-01-01"), "2025-12-31", "2025-11-30"),
    ],
)
def test_the_data_must_reach_the_end_of_the_last_step(
    shop: Shop, frequencies: tuple[str, str], steps: tuple[str, str], last_with_all: str, last_without: str
) -> None:
    shop.monitored(*frequencies, *steps)
    assert shop.imported("2020-01-01", last_without, "short") == []
    assert len(shop.imported("2020-01-01", last_with_all)) == 1


@pytest.mark.parametrize(
    ("frequencies", "boundary", "steps", "last_with_all", "last_without"),
    [
        (("D", "W"), {"DayOfWeek": "SUNDAY"}, ("2024-05-05", "2024-05-12"), "2024-05-18", "2024-05-17"),
        (("W", "W"), {"DayOfWeek": "SUNDAY"}, ("2024-05-05", "2024-05-12"), "2024-05-12", "2024-05-11"),
        (("D", "M"), {"DayOfMonth": 15}, ("2024-01-15", "2024-02-15"), "2024-03-14", "2024-03-13"),
        (("H", "D"), {"Hour": 6}, ("2024-05-01T06:00:00",) * 2, "2024-05-02T05:00:00", "2024-05-02T04:00:00"),
    ],
)
def test_the_end_of_a_step_is_where_the_predictors_boundary_puts_it(
    shop: Shop,
    frequencies: tuple[str, str],
    boundary: dict[str, Any],
    steps: tuple[str, str],
    *,
    last_with_all: str,
    last_without: str,
) -> None:
    shop.monitored(*frequencies, *steps, **boundary)
    assert shop.imported("2020-01-01", last_without, "short") == []
    assert len(shop.imported("2020-01-01", last_with_all)) == 1


def test_the_data_must_begin_no_later_than_in_the_first_step(shop: Shop) -> None:
    shop.monitored("D", "W", "2024-04-29", "2024-05-06")
    assert shop.imported("2024-05-06", "2024-06-01", "late") == []
    assert len(shop.imported("2024-05-01", "2024-06-01")) == 1


@pytest.mark.parametrize(
    ("status", "moved_before", "is_due"),
    [
        ("ACTIVE", 0, False),
        ("CREATE_IN_PROGRESS", 0, False),
        ("CREATE_IN_PROGRESS", 3700, True),  # its execution was aborted
        ("CREATE_FAILED", 0, True),
        ("CREATE_STOPPED", 0, True),
    ],
)
def test_a_forecast_is_due_unless_an_earlier_import_has_led_to_its_evaluation(
    shop: Shop, status: str, moved_before: float, *, is_due: bool
) -> None:
    shop.monitored("D", "D", "2024-05-01", "2024-05-01")
    (evaluation,) = shop.imported("2020-01-01", "2024-05-01", "first")
    evaluation.status, evaluation.last_modification_time = status, now() - moved_before
    shop.service.records.create(evaluation)
    assert bool(shop.imported("2020-01-01", "2024-05-01", "second")) is is_due


def test_what_is_due_is_the_same_until_it_has_ended(shop: Shop) -> None:
    shop.monitored("D", "D", "2024-05-01", "2024-05-01")
    (evaluation,) = shop.imported("2020-01-01", "2024-05-01")
    records = shop.service.records
    imported = records.get(evaluation.inputs["dataset_import_job"])
    assert due_evaluations(records, imported) == [evaluation]
    records.create(evaluation)
    assert due_evaluations(records, imported) == [evaluation]
    records.update(evaluation.arn, status="CREATE_FAILED")
    assert due_evaluations(records, imported) == []


def test_a_namesake_of_an_evaluated_forecast_is_another_forecast(shop: Shop) -> None:
    shop.monitored("D", "D", "2024-05-01", "2024-05-01")
    (evaluation,) = shop.imported("2020-01-01", "2024-05-01", "first")
    records = shop.service.records
    evaluation.status = "ACTIVE"
    records.create(evaluation)
    records.delete(evaluation.inputs["forecast"])
    shop.service.create(
        "forecast", "forecast/f", "ACTIVE", facts=extent("2024-05-02", "2024-05-02"), parents={"predictor": PREDICTOR}
    )
    (second,) = shop.imported("2020-01-01", "2024-05-02", "second")
    assert second.inputs["forecast"] == evaluation.inputs["forecast"]
    assert second.arn.startswith(evaluation_arn(MONITOR, ""))
    assert second.arn != evaluation.arn
