"""The notebook runs from its first cell to its last against the deployed stack, and its numbers are right.

botocore checks every request of its cells against Amazon's own model before it is sent.
"""

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from local_aws.embedded.deployment import STACK_NAME
from tests.whole_way.stack import PROJECT, Stack
from tests.whole_way.test_examples import environment

NOTEBOOK = PROJECT / "notebooks" / "one_time_analysis.ipynb"
FRUITS = ("apples", "plums")
FIRST_DAY = "2024-06-01"  # 233 days of sales are enough for three backtests
SECONDS_FOR_A_CELL = 120
QUESTION = """
print(json.dumps({
    "ordered": bool(((coming.p10 <= coming.p50) & (coming.p50 <= coming.p90)).all()),
    "days": [f"{day:%Y-%m-%d}" for day in coming.loc["apples"].index],
    "rows": int(statistics.loc[("sales.csv", "demand"), "Count"]),
    "largest": float(statistics.loc[("sales.csv", "demand"), "Max"]),
    "accuracy": accuracy.reset_index().to_dict("records"),
    "p50": {fruit: float(coming.loc[fruit].p50.sum()) for fruit in fruits},
    "as planned": what_if["as planned"].to_dict(),
    "cheaper": what_if["10 % cheaper"].to_dict(),
    "explanation": explanation.to_dict(),
    "exported": {fruit: float(exported[exported.item_id == fruit].p50.sum()) for fruit in fruits},
}))
"""


def copy_with_less_data(folder: Path) -> Path:
    """The project's notebook beside a shop of two fruits and eight months; gives the notebook's path."""
    for name in ("notebooks/one_time_analysis.ipynb", "samples/fruit_shop/sales.csv", "samples/fruit_shop/prices.csv"):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if PROJECT / name == NOTEBOOK:
            shutil.copy(NOTEBOOK, target)
            continue
        header, *lines = (PROJECT / name).read_text().splitlines()
        kept = [line for line in lines if line >= FIRST_DAY and line.split(",")[1] in FRUITS]
        target.write_text("\n".join([header, *kept, ""]))
    return folder / "notebooks" / "one_time_analysis.ipynb"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("almanac")


@pytest.fixture(scope="module")
def answer(stack: Stack, folder: Path) -> dict[str, Any]:
    """What stands in the notebook's variables after its last cell."""
    import nbformat  # noqa: PLC0415 - a second of imports that no other test needs
    from nbclient import NotebookClient  # noqa: PLC0415

    path = copy_with_less_data(folder)
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(QUESTION))
    client = NotebookClient(
        notebook,
        timeout=SECONDS_FOR_A_CELL,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
    )
    # The clock of a machine far from UTC shows whether days stay days.
    client.execute(env=environment(stack) | {"TZ": "America/Los_Angeles", "HOME": str(folder)})
    printed: dict[str, Any] = json.loads(notebook.cells[-1].outputs[0]["text"])
    return printed


def test_the_service_has_read_every_row_of_the_file(answer: dict[str, Any], folder: Path) -> None:
    rows = list(csv.DictReader((folder / "samples" / "fruit_shop" / "sales.csv").read_text().splitlines()))
    assert (answer["rows"], answer["largest"]) == (len(rows), max(float(row["demand"]) for row in rows))


def test_every_backtest_is_better_than_seasonal_naive_whose_error_is_that_of_hand(
    answer: dict[str, Any], folder: Path
) -> None:
    demand = {}
    for row in csv.DictReader((folder / "samples" / "fruit_shop" / "sales.csv").read_text().splitlines()):
        demand.setdefault(row["item_id"], []).append((row["timestamp"], float(row["demand"])))
    assert len(answer["accuracy"]) > 1
    for window in answer["accuracy"]:
        error = total = 0.0
        for days in demand.values():
            first = [day for day, _ in days].index(window["from"])
            for step in range(14):
                actual = days[first + step][1]
                error += abs(actual - days[first - 7 + step % 7][1])
                total += actual
        assert window["naive"] == pytest.approx(error / total, rel=1e-9)
        assert 0 < window["forecast"] < window["naive"]


def test_the_fan_is_ordered_and_covers_the_fortnight_after_the_sales(answer: dict[str, Any]) -> None:
    assert answer["ordered"]
    assert (len(answer["days"]), answer["days"][0], answer["days"][-1]) == (14, "2025-01-20", "2025-02-02")


def test_what_if_explanation_and_export_fit_the_forecast(answer: dict[str, Any]) -> None:
    assert answer["as planned"] == pytest.approx(answer["p50"])
    assert answer["exported"] == pytest.approx(answer["p50"], rel=1e-9)
    assert all(value > 0 for value in answer["cheaper"].values())
    assert answer["cheaper"] != answer["as planned"]
    assert {"price", "promotion", "Holiday_KR"} == set(answer["explanation"])
    assert max(abs(score) for score in answer["explanation"].values()) == 1  # normalised by the largest


def test_the_last_cell_leaves_nothing_in_the_service(answer: dict[str, Any], stack: Stack) -> None:
    listed = [
        *stack.forecast.list_dataset_groups()["DatasetGroups"],
        *stack.forecast.list_datasets()["Datasets"],
        *stack.forecast.list_dataset_import_jobs()["DatasetImportJobs"],
        *stack.forecast.list_predictors()["Predictors"],
        *stack.forecast.list_explainabilities()["Explainabilities"],
        *stack.forecast.list_forecasts()["Forecasts"],
        *stack.forecast.list_what_if_analyses()["WhatIfAnalyses"],
    ]
    assert [resource for resource in listed if "/notebook_" in json.dumps(resource, default=str)] == []


def copy_to_stack(stack: Stack, name: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(PROJECT / "notebooks" / "copy_to_stack.py"), name]
    return subprocess.run(command, env=environment(stack), capture_output=True, text=True, check=False)


def test_the_files_for_the_notebook_instance_lie_in_the_bucket_as_in_the_project(stack: Stack) -> None:
    run = copy_to_stack(stack, STACK_NAME)
    assert (run.returncode, run.stderr) == (0, "")
    assert f"s3://{stack.bucket}/notebook/files/" in run.stdout
    folder = "notebook/files/"
    assert stack.text(f"{folder}notebooks/one_time_analysis.ipynb") == NOTEBOOK.read_text()
    assert {f"{folder}samples/fruit_shop/{name}.csv" for name in ("sales", "prices")} <= set(stack.keys(folder))
    models = [key.removeprefix(f"{folder}aws_models/") for key in stack.keys(f"{folder}aws_models/")]
    assert models == [f"{name}/2018-06-26/service-2.sdk-extras.json" for name in ("forecast", "forecastquery")]


def test_a_stack_that_is_not_there_is_told_in_one_sentence(stack: Stack) -> None:
    run = copy_to_stack(stack, "no-such-stack")
    assert run.returncode == 1
    (sentence,) = run.stderr.splitlines()
    assert "no-such-stack" in sentence
