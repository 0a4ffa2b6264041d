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


def run(notebook_path: Path, variables: dict[str, str]) -> dict[str, Any]:
    """Run all cells; gives what stands in their variables afterwards."""
    import nbformat  # noqa: PLC0415 - a second of imports that no other test needs
    from nbclient import NotebookClient  # noqa: PLC0415

    notebook = nbformat.read(notebook_path, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(QUESTION))
    resources = {"metadata": {"path": str(notebook_path.parent)}}
    client = NotebookClient(notebook, timeout=SECONDS_FOR_A_CELL, kernel_name="python3", resources=resources)
    client.execute(env=variables)
    printed: dict[str, Any] = json.loads(notebook.cells[-1].outputs[0]["text"])
    return printed


def rows_of(sales: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(sales.read_text().splitlines()))


def the_service_has_read_every_row(answer: dict[str, Any], sales: Path) -> None:
    demand = [float(row["demand"]) for row in rows_of(sales)]
    assert (answer["rows"], answer["largest"]) == (len(demand), max(demand))


def every_backtest_is_better_than_seasonal_naive_whose_error_is_that_by_hand(
    answer: dict[str, Any], sales: Path
) -> None:
    demand: dict[str, list[tuple[str, float]]] = {}
    for row in rows_of(sales):
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


def the_fan_is_ordered_and_covers_the_fortnight_after_the_sales(answer: dict[str, Any]) -> None:
    assert answer["ordered"]
    assert (len(answer["days"]), answer["days"][0], answer["days"][-1]) == (14, "2025-01-20", "2025-02-02")


def what_if_explanation_and_export_fit_the_forecast(answer: dict[str, Any]) -> None:
    assert answer["as planned"] == pytest.approx(answer["p50"])
    assert answer["exported"] == pytest.approx(answer["p50"], rel=1e-9)
    assert all(value > 0 for value in answer["cheaper"].values())
    assert answer["cheaper"] != answer["as planned"]
    assert {"price", "promotion", "Holiday_KR"} == set(answer["explanation"])
    assert max(abs(score) for score in answer["explanation"].values()) == 1  # normalised by the largest


def nothing_is_left_in_the_service(stack: Stack) -> None:
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


def test_the_notebook_runs_to_its_end_with_right_numbers_and_leaves_nothing_behind(
    stack: Stack, tmp_path: Path
) -> None:
    """One test, so that no second process runs the notebook again. The clock is far from UTC: days must stay days."""
    sales = tmp_path / "samples" / "fruit_shop" / "sales.csv"
    variables = environment(stack) | {"TZ": "America/Los_Angeles", "HOME": str(tmp_path)}
    answer = run(copy_with_less_data(tmp_path), variables)
    the_service_has_read_every_row(answer, sales)
    every_backtest_is_better_than_seasonal_naive_whose_error_is_that_by_hand(answer, sales)
    the_fan_is_ordered_and_covers_the_fortnight_after_the_sales(answer)
    what_if_explanation_and_export_fit_the_forecast(answer)
    nothing_is_left_in_the_service(stack)


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


def test_a_stack_that_is_not_there_or_not_ours_is_told_in_one_sentence(stack: Stack) -> None:
    cloudformation = stack.deployment.client("cloudformation")
    template = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
    cloudformation.create_stack(StackName="of-others", TemplateBody=json.dumps(template))
    cloudformation.get_waiter("stack_create_complete").wait(StackName="of-others", WaiterConfig={"Delay": 1})
    for name, said in (("no-such-stack", "no-such-stack"), ("of-others", "wanted a stack of Almanac")):
        run = copy_to_stack(stack, name)
        assert run.returncode == 1
        (sentence,) = run.stderr.splitlines()
        assert said in sentence
    cloudformation.delete_stack(StackName="of-others")
