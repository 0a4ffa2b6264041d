"""delete_resources: what runs of this pipeline made goes, children first, and nobody else's."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest

from forecast_pipeline import ResourceFailed, ResourcePending
from forecast_pipeline.published_runs import run_row_key
from forecast_pipeline.runs.new_run import cut_history_path
from forecast_pipeline.runs.run_names import run_name
from tests.forecast_pipeline.fake_forecast import ACCOUNT, ULID, FakeForecast

Step = Callable[[dict[str, Any]], Any]
RunUntilActive = Callable[[str, dict[str, Any]], Any]


BUCKET = "almanac-data"


@pytest.fixture(autouse=True)
def data_bucket(amazon_forecast: FakeForecast) -> None:
    boto3.client("s3").create_bucket(Bucket=BUCKET)


def published(*runs: str) -> None:
    """Let these runs have published a forecast."""
    for run in runs:
        boto3.client("s3").put_object(Bucket=BUCKET, Key=run_row_key(run), Body=b"a row")


def event_of_run(event: dict[str, Any], run: str) -> dict[str, Any]:
    """The document as another run over the same parameters would have it."""
    renamed = {
        "Imports": [job | {"DatasetImportJobName": run_name(job["DatasetName"], run)} for job in event["Imports"]],
        "AutoPredictor": event["AutoPredictor"] | {"PredictorName": run_name("electricity", run)},
        "Forecast": event["Forecast"] | {"ForecastName": run_name("electricity", run)},
        "Exports": {
            kind: {"Name": run_name("electricity", run), "Path": f"s3://almanac-data/tmp/{run}/{kind.lower()}/"}
            for kind in ("Forecast", "Backtest")
        },
    }
    return event | renamed | {"Run": event["Run"] | {"Id": run}}


def explained_and_monitored(event: dict[str, Any], run: str) -> dict[str, Any]:
    """The document of a run that asks for an explanation and a monitor."""
    event["AutoPredictor"] |= {"ExplainPredictor": True, "MonitorConfig": {"MonitorName": run_name("watch", run)}}
    path = f"s3://almanac-data/tmp/{run}/explainability/"
    event["Exports"]["Explainability"] = {"Name": run_name("electricity", run), "Path": path}
    return event


@pytest.fixture
def full_run(run_until_active: RunUntilActive, load_event: Callable[[str], dict[str, Any]]) -> Callable[..., Any]:
    """Run everything of one run up to delete_resources, and return the document that reaches it."""

    def run(name: str, change: Callable[..., dict[str, Any]] = lambda event, _run: event) -> dict[str, Any]:
        event = change(event_of_run(load_event("create_dataset"), name), name)
        for step, member in (
            ("create_dataset", "Arns"),
            ("import_data", "Imported"),
            ("train_predictor", "PredictorArn"),
            ("create_forecast", "ForecastArn"),
            ("export_forecast", "ExportArns"),
        ):
            event[member] = run_until_active(step, event)
        return event

    return run


def runs_left(amazon_forecast: FakeForecast) -> set[str]:
    """The runs of which a predictor is left."""
    predictors = [resource for resource in amazon_forecast.resources.values() if "PredictorName" in resource]
    return {resource["PredictorName"].partition("_")[2] for resource in predictors if "ForecastHorizon" in resource}


def test_its_event_deletes_nothing_when_no_run_is_too_old(
    steps_before: Callable[[str], dict[str, Any]], run_step: Callable[[str], Step], amazon_forecast: FakeForecast
) -> None:
    event = steps_before("delete_resources")
    before = amazon_forecast.names()
    assert run_step("delete_resources")(event) == {"InUse": []}
    assert amazon_forecast.names() == before
    assert not [operation for operation, _ in amazon_forecast.calls if operation.startswith("Delete")]


def test_perform_delete_leaves_no_resource_and_goes_from_the_children_up(
    full_run: Callable[..., dict[str, Any]], run_until_active: RunUntilActive, amazon_forecast: FakeForecast
) -> None:
    event = full_run("9f3c1a2b7d") | {"PerformDelete": True}
    assert run_until_active("delete_resources", event) == {"InUse": []}
    assert amazon_forecast.names() == []
    deletions = [operation for operation, _ in amazon_forecast.calls if operation.startswith("Delete")]
    assert deletions == [
        "DeleteForecastExportJob",
        "DeletePredictorBacktestExportJob",
        "DeleteForecast",
        "DeletePredictor",
        "DeleteDatasetImportJob",
        "DeleteDatasetGroup",
        "DeleteDataset",
    ]


def test_what_came_with_a_predictor_goes_with_it(
    full_run: Callable[..., dict[str, Any]], run_until_active: RunUntilActive, amazon_forecast: FakeForecast
) -> None:
    event = full_run("9f3c1a2b7d", explained_and_monitored) | {"PerformDelete": True}
    kinds = {name.partition("/")[0] for name in amazon_forecast.names()}
    assert {"explainability", "explainability-export", "monitor"} <= kinds
    assert run_until_active("delete_resources", event) == {"InUse": []}
    assert amazon_forecast.names() == []


def measured(amazon_forecast: FakeForecast, monitor: str) -> None:
    """Let a monitor have measured its forecast."""
    arn = f"{ACCOUNT}:monitor/{monitor}"
    amazon_forecast.resources[arn]["Evaluations"] = [{"MonitorArn": arn, "EvaluationState": "SUCCESS"}]


@pytest.mark.parametrize("what_happens", ["the values came", "no values came for long", "the values come elsewhere"])
def test_what_a_monitor_needs_outlasts_keep_runs_until_it_has_measured_its_forecast(
    full_run: Callable[..., dict[str, Any]],
    run_until_active: RunUntilActive,
    amazon_forecast: FakeForecast,
    what_happens: str,
) -> None:
    full_run("a000000000", explained_and_monitored)
    published("a000000000")
    event = full_run("b000000000", explained_and_monitored)
    event["Pipeline"]["KeepRuns"] = 1
    run_until_active("delete_resources", event)
    left = [name for name in amazon_forecast.names() if "a000000000" in name]
    assert left == [f"predictor/electricity_a000000000_{ULID}", "monitor/watch_a000000000"]
    if what_happens == "the values came":
        measured(amazon_forecast, "watch_a000000000")
    elif what_happens == "no values came for long":
        amazon_forecast.wait(days=15)  # the forecast was one of 24 hours
        full_run("3000000000", explained_and_monitored)
    else:
        event["Arns"]["DatasetGroupArn"] = f"{ACCOUNT}:dataset-group/of_a_later_params_json"
        event["Run"]["Bucket"] = BUCKET
    run_until_active("delete_resources", event)
    assert not [name for name in amazon_forecast.names() if "a000000000" in name]
    assert "monitor/watch_b000000000" in amazon_forecast.names()


def test_a_monitor_and_an_explanation_of_an_older_run_go_with_it_and_those_of_the_newest_stay(
    full_run: Callable[..., dict[str, Any]], run_until_active: RunUntilActive, amazon_forecast: FakeForecast
) -> None:
    full_run("a000000000", explained_and_monitored)
    published("a000000000")
    measured(amazon_forecast, "watch_a000000000")
    event = full_run("b000000000", explained_and_monitored)
    event["Pipeline"]["KeepRuns"] = 1
    assert run_until_active("delete_resources", event) == {"InUse": []}
    left = [name for name in amazon_forecast.names() if name.startswith(("monitor/", "explainability"))]
    assert sorted(left) == [
        "explainability-export/electricity_b000000000_explained/electricity_b000000000",
        "explainability/electricity_b000000000_explained",
        "monitor/watch_b000000000",
    ]


def test_an_explanation_that_somebody_made_by_hand_stays_and_so_does_its_predictor(
    full_run: Callable[..., dict[str, Any]], run_until_active: RunUntilActive, amazon_forecast: FakeForecast
) -> None:
    event = full_run("9f3c1a2b7d") | {"PerformDelete": True}
    by_hand = f"{ACCOUNT}:explainability/by_hand"
    amazon_forecast.resources[by_hand] = {
        "ExplainabilityName": "by_hand",
        "ExplainabilityArn": by_hand,
        "Parent": event["PredictorArn"],
        "Status": "ACTIVE",
        "CreationTime": 1_767_600_099.0,
    }
    in_use = run_until_active("delete_resources", event)["InUse"]
    assert in_use == [event["PredictorArn"], event["Arns"]["DatasetGroupArn"]]
    assert by_hand in amazon_forecast.resources


def test_it_waits_until_a_level_is_gone_before_the_next(
    full_run: Callable[..., dict[str, Any]], run_step: Callable[[str], Step], amazon_forecast: FakeForecast
) -> None:
    event = full_run("9f3c1a2b7d") | {"PerformDelete": True}
    for _ in range(3):
        with pytest.raises(ResourcePending, match="2 resources are being deleted"):
            run_step("delete_resources")(event)
    assert not amazon_forecast.asked("DeleteForecast")
    assert len(amazon_forecast.asked("DeleteForecastExportJob")) == 1


def test_datasets_that_were_there_before_the_run_stay(
    full_run: Callable[..., dict[str, Any]], run_until_active: RunUntilActive, amazon_forecast: FakeForecast
) -> None:
    event = full_run("9f3c1a2b7d") | {"PerformDelete": True}
    event["Run"]["StartedAt"] = "2026-02-01T00:00:00+00:00"
    run_until_active("delete_resources", event)
    assert amazon_forecast.names() == ["dataset/electricity", "dataset-group/electricity"]


def test_perform_delete_takes_what_a_failed_attempt_over_the_same_content_left(
    full_run: Callable[..., dict[str, Any]], run_until_active: RunUntilActive, amazon_forecast: FakeForecast
) -> None:
    full_run("9f3c1a2b7d")
    event = full_run("9f3c1a2b7d-2") | {"PerformDelete": True}
    run_until_active("delete_resources", event)
    assert amazon_forecast.names() == []


def test_the_newest_runs_are_kept_and_older_ones_go(
    full_run: Callable[..., dict[str, Any]], run_until_active: RunUntilActive, amazon_forecast: FakeForecast
) -> None:
    runs = ["a000000000", "b000000000", "3000000000", "4000000000"]
    events = [full_run(run) for run in runs]
    published(*runs)
    events[-1]["Pipeline"]["KeepRuns"] = 2
    run_until_active("delete_resources", events[-1])
    assert runs_left(amazon_forecast) == {"3000000000", "4000000000"}
    assert f"{ACCOUNT}:dataset/electricity" in amazon_forecast.resources


def test_a_newer_run_that_is_under_way_is_not_touched(
    full_run: Callable[..., dict[str, Any]], run_until_active: RunUntilActive, amazon_forecast: FakeForecast
) -> None:
    old = full_run("a000000000")
    full_run("b000000000")
    published("a000000000", "b000000000")
    old["Pipeline"]["KeepRuns"] = 1
    assert run_until_active("delete_resources", old) == {"InUse": []}
    assert runs_left(amazon_forecast) == {"a000000000", "b000000000"}


def test_resources_that_no_run_made_stay_and_so_does_what_they_use(
    full_run: Callable[..., dict[str, Any]], run_until_active: RunUntilActive, amazon_forecast: FakeForecast
) -> None:
    event = full_run("9f3c1a2b7d") | {"PerformDelete": True}
    by_hand = f"{ACCOUNT}:forecast-export-job/electricity_9f3c1a2b7d/by_hand"
    amazon_forecast.resources[by_hand] = {
        "ForecastExportJobName": "by_hand",
        "ForecastExportJobArn": by_hand,
        "Parent": event["ForecastArn"],
        "Status": "ACTIVE",
        "CreationTime": 1_767_600_099.0,
    }
    in_use = run_until_active("delete_resources", event)["InUse"]
    assert by_hand in amazon_forecast.resources
    assert in_use == [event["ForecastArn"], event["PredictorArn"], event["Arns"]["DatasetGroupArn"]]
    assert f"{ACCOUNT}:dataset/electricity" in amazon_forecast.resources


def test_a_resource_that_is_gone_since_it_was_listed_is_no_failure(
    full_run: Callable[..., dict[str, Any]], run_until_active: RunUntilActive, amazon_forecast: FakeForecast
) -> None:
    event = full_run("9f3c1a2b7d") | {"PerformDelete": True}
    amazon_forecast.refuse("DeleteForecast", "ResourceNotFoundException", "No resource found")
    assert run_until_active("delete_resources", event) == {"InUse": []}


def test_a_deletion_that_is_refused_fails_the_step(
    full_run: Callable[..., dict[str, Any]], run_until_active: RunUntilActive, amazon_forecast: FakeForecast
) -> None:
    event = full_run("9f3c1a2b7d") | {"PerformDelete": True}
    amazon_forecast.refuse("DeletePredictor", "AccessDeniedException", "User is not authorized")
    with pytest.raises(ResourceFailed, match="DeletePredictor was refused"):
        run_until_active("delete_resources", event)


def test_a_second_call_after_the_end_does_nothing(
    full_run: Callable[..., dict[str, Any]], run_until_active: RunUntilActive, amazon_forecast: FakeForecast
) -> None:
    event = full_run("9f3c1a2b7d") | {"PerformDelete": True}
    run_until_active("delete_resources", event)
    before = len(amazon_forecast.calls)
    assert run_until_active("delete_resources", event) == {"InUse": []}
    assert not [operation for operation, _ in amazon_forecast.calls[before:] if operation.startswith("Delete")]


def test_runs_that_failed_push_no_published_run_out(
    full_run: Callable[..., dict[str, Any]], run_until_active: RunUntilActive, amazon_forecast: FakeForecast
) -> None:
    full_run("a000000000")
    published("a000000000")
    full_run("b000000000")
    full_run("b000000000-2")
    event = full_run("3000000000")
    event["Pipeline"]["KeepRuns"] = 2
    run_until_active("delete_resources", event)
    assert runs_left(amazon_forecast) == {"a000000000", "b000000000", "b000000000_2", "3000000000"}


def as_of(event: dict[str, Any], run: str) -> dict[str, Any]:
    """The document of a run as of an old date: group and datasets are its own."""
    event["Run"]["AsOf"] = "2025-06-30"
    event["DatasetGroup"] |= {"DatasetGroupName": run_name("electricity", run)}
    for each in (*event["Datasets"], *event["Imports"]):
        each["DatasetName"] = run_name("electricity", run)
    event["Imports"][0] |= {
        "DatasetImportJobName": run_name(run_name("electricity", run), run),
        "Path": cut_history_path(BUCKET, run),
    }
    boto3.client("s3").put_object(Bucket=BUCKET, Key="train/a.csv", Body=b"2014-01-01 01:00:00,38.35,client_12\n")
    return event | {"PerformDelete": True}


def test_a_run_as_of_an_old_date_takes_all_it_made_and_nothing_else(
    full_run: Callable[..., dict[str, Any]], run_until_active: RunUntilActive, amazon_forecast: FakeForecast
) -> None:
    full_run("a000000000")
    published("a000000000")
    before = amazon_forecast.names()
    event = full_run("2025-06-30-as-of-b000000000", as_of)
    event["Pipeline"]["KeepRuns"] = 1
    made_by_both = amazon_forecast.names()
    assert len(made_by_both) == 2 * len(before)
    ordinary = full_run("a000000000") | {"Pipeline": event["Pipeline"]}
    assert run_until_active("delete_resources", ordinary) == {"InUse": []}
    assert amazon_forecast.names() == made_by_both
    assert run_until_active("delete_resources", event) == {"InUse": []}
    assert amazon_forecast.names() == before


def test_a_run_that_failed_goes_with_the_published_ones_before_it_or_after_two_weeks(
    full_run: Callable[..., dict[str, Any]], run_until_active: RunUntilActive, amazon_forecast: FakeForecast
) -> None:
    full_run("b000000000")
    full_run("a000000000")
    published("a000000000")
    event = full_run("3000000000")
    event["Pipeline"]["KeepRuns"] = 1
    run_until_active("delete_resources", event)
    assert runs_left(amazon_forecast) == {"3000000000"}
    published("3000000000")
    full_run("4000000000")
    amazon_forecast.wait(days=15)
    event = full_run("5000000000")
    event["Pipeline"]["KeepRuns"] = 9
    run_until_active("delete_resources", event)
    assert runs_left(amazon_forecast) == {"3000000000", "5000000000"}


def renamed(event: dict[str, Any], run: str) -> dict[str, Any]:
    """The document of a run after params.json got other names for everything."""
    for dataset, job in zip(event["Datasets"], event["Imports"], strict=True):
        dataset["DatasetName"] = job["DatasetName"] = "power"
        job["DatasetImportJobName"] = run_name("power", run)
    event["DatasetGroup"] = {"DatasetGroupName": "power", "Domain": event["DatasetGroup"]["Domain"]}
    event["AutoPredictor"] |= {"PredictorName": run_name("power", run)}
    event["Forecast"] |= {"ForecastName": run_name("power", run)}
    for export in event["Exports"].values():
        export["Name"] = run_name("power", run)
    event["Names"] = dict.fromkeys(event["Names"], "power")
    return event


def test_what_had_another_name_goes_too(
    full_run: Callable[..., dict[str, Any]], run_until_active: RunUntilActive, amazon_forecast: FakeForecast
) -> None:
    full_run("a000000000", explained_and_monitored)
    published("a000000000")
    event = full_run("b000000000", renamed)
    event["Pipeline"]["KeepRuns"] = 2
    run_until_active("delete_resources", event)
    assert any("electricity" in name for name in amazon_forecast.names())
    event["Pipeline"]["KeepRuns"] = 1
    run_until_active("delete_resources", event)
    assert [name for name in amazon_forecast.names() if "electricity" in name or "watch" in name] == []


def test_what_a_run_of_another_pipeline_made_stays(
    full_run: Callable[..., dict[str, Any]], run_until_active: RunUntilActive, amazon_forecast: FakeForecast
) -> None:
    full_run("a000000000")
    for resource in amazon_forecast.resources.values():
        for tag in resource.get("Tags", []):
            tag["Value"] = tag["Value"].replace(BUCKET, "another-bucket")
    before = amazon_forecast.names()
    published("a000000000")
    event = full_run("b000000000", renamed)
    event["Pipeline"]["KeepRuns"] = 1
    run_until_active("delete_resources", event)
    assert set(before) <= set(amazon_forecast.names())


def test_a_dataset_that_somebodys_group_holds_stays(
    full_run: Callable[..., dict[str, Any]], run_until_active: RunUntilActive, amazon_forecast: FakeForecast
) -> None:
    full_run("a000000000")
    published("a000000000")
    dataset = f"{ACCOUNT}:dataset/electricity"
    by_hand = {"DatasetGroupName": "by_hand", "Domain": "CUSTOM", "DatasetArns": [dataset]}
    boto3.client("forecast").create_dataset_group(**by_hand)
    event = full_run("b000000000", renamed)
    event["Pipeline"]["KeepRuns"] = 1
    run_until_active("delete_resources", event)
    assert [name for name in amazon_forecast.names() if "electricity" in name] == ["dataset/electricity"]
