"""One story that calls every operation of both services on the deployed stack, with data that mean something.

A shop sells more where the price is lower and on holidays. It imports, trains with everything that the API offers,
looks at the accuracy, forecasts, asks what a lower price would do, explains, exports, watches, and clears up.
"""

from contextlib import suppress
from typing import Any

import pytest

from forecast_service.api.validation import service_model
from tests.whole_way.shop_story import (
    DAYS,
    FOLDER,
    HORIZON,
    ITEMS,
    NAME,
    NEW_ITEM,
    Story,
    by_day,
    demand,
    schema,
    target_csv,
)
from tests.whole_way.stack import Stack, eventually
from tests.whole_way.training_story import (
    a_group_binds_them,
    a_predictor_learns_from_all_of_it_and_is_explained_and_watched,
    answer_arn,
    imported,
    its_accuracy_is_measured_and_exported,
    three_kinds_of_data_are_imported,
)


def a_forecast_is_queried_and_its_export_reads_back_the_same(story: Story) -> None:
    client = story.forecast
    answer = client.create_forecast(ForecastName=NAME, PredictorArn=story.arns["predictor"])
    story.arns["forecast"] = answer["ForecastArn"]
    story.active(client.describe_forecast, **answer_arn(answer, "ForecastArn"))
    assert answer["ForecastArn"] in [listed["ForecastArn"] for listed in client.list_forecasts()["Forecasts"]]
    export = client.create_forecast_export_job(
        ForecastExportJobName="values", ForecastArn=answer["ForecastArn"], Destination=story.location("values")
    )
    story.arns["forecast export"] = export["ForecastExportJobArn"]
    story.active(client.describe_forecast_export_job, **answer_arn(export, "ForecastExportJobArn"))
    listed = client.list_forecast_export_jobs()["ForecastExportJobs"]
    assert export["ForecastExportJobArn"] in [job["ForecastExportJobArn"] for job in listed]
    rows = story.rows("values")
    assert {row["item_id"] for row in rows} == {*ITEMS, NEW_ITEM}
    assert len(rows) == (len(ITEMS) + 1) * HORIZON
    for item in (ITEMS[0], ITEMS[-1], NEW_ITEM):
        found = story.predictions(item)
        for row in (row for row in rows if row["item_id"] == item):
            day = row["date"].removesuffix("Z")
            assert {name: values[day] for name, values in found.items()} == {
                name: float(row[name]) for name in ("mean", "p10", "p50", "p90")
            }
    by_position = [line.split(",") for line in story.stack.text(first_part(story, "values")).splitlines()]
    assert by_position[0] == ["item_id", "brand", "date", "mean", "p10", "p50", "p90"]
    assert float(by_position[1][5]) == story.predictions(by_position[1][0])["p50"][by_position[1][2].removesuffix("Z")]


def first_part(story: Story, folder: str) -> str:
    return next(key for key in story.stack.keys(f"{FOLDER}/{folder}/") if key.endswith(".csv"))


def what_moves_it_is_explained_and_exported(story: Story) -> None:
    client = story.forecast
    answer = client.create_explainability(
        ExplainabilityName=f"{NAME}_forecast",
        ResourceArn=story.arns["forecast"],
        ExplainabilityConfig={"TimeSeriesGranularity": "SPECIFIC", "TimePointGranularity": "ALL"},
        DataSource=story.put("explained.csv", f"{ITEMS[0]}\n{ITEMS[1]}\n"),
        Schema=schema({"item_id": "string"}),
    )
    story.arns["forecast explanation"] = answer["ExplainabilityArn"]
    story.active(client.describe_explainability, **answer_arn(answer, "ExplainabilityArn"))
    listed = {found["ExplainabilityArn"] for found in client.list_explainabilities()["Explainabilities"]}
    assert listed >= {answer["ExplainabilityArn"], story.arns["explanation"]}
    for name, arn in (("predictor", story.arns["explanation"]), ("forecast", answer["ExplainabilityArn"])):
        export = client.create_explainability_export(
            ExplainabilityExportName=f"{name}_impacts",
            ExplainabilityArn=arn,
            Destination=story.location(f"{name}_impacts"),
        )
        story.arns[f"{name} explanation export"] = export["ExplainabilityExportArn"]
        story.active(client.describe_explainability_export, **answer_arn(export, "ExplainabilityExportArn"))
    exports = client.list_explainability_exports()["ExplainabilityExports"]
    assert len([e for e in exports if e["ExplainabilityExportName"].endswith("_impacts")]) == 2
    assert story.rows("predictor_impacts")
    assert {row["item_id"] for row in story.rows("forecast_impacts")} >= {ITEMS[0], ITEMS[1]}


def a_lower_price_sells_more(story: Story) -> None:
    client = story.forecast
    analysis = client.create_what_if_analysis(WhatIfAnalysisName=NAME, ForecastArn=story.arns["forecast"])
    story.arns["analysis"] = analysis["WhatIfAnalysisArn"]
    story.active(client.describe_what_if_analysis, **answer_arn(analysis, "WhatIfAnalysisArn"))
    sale = {"Action": {"AttributeName": "price", "Operation": "SUBTRACT", "Value": 1.0}}
    scenario = client.create_what_if_forecast(
        WhatIfForecastName="sale", WhatIfAnalysisArn=analysis["WhatIfAnalysisArn"], TimeSeriesTransformations=[sale]
    )
    story.arns["scenario"] = scenario["WhatIfForecastArn"]
    story.active(client.describe_what_if_forecast, **answer_arn(scenario, "WhatIfForecastArn"))
    totals = [0.0, 0.0]
    for item in ITEMS:
        answer = story.query.query_what_if_forecast(
            **answer_arn(scenario, "WhatIfForecastArn"), Filters={"item_id": item}
        )
        for place, found in enumerate((story.predictions(item), by_day(answer))):
            totals[place] += sum(found["mean"].values())
    assert totals[1] > totals[0] * 1.02
    export = client.create_what_if_forecast_export(
        WhatIfForecastExportName="compared",
        WhatIfForecastArns=[scenario["WhatIfForecastArn"]],
        Destination=story.location("compared"),
    )
    story.arns["scenario export"] = export["WhatIfForecastExportArn"]
    story.active(client.describe_what_if_forecast_export, **answer_arn(export, "WhatIfForecastExportArn"))
    row = story.rows("compared")[0]
    found = story.predictions(row["item_id"])["p50"][row["date"].removesuffix("Z")]
    answer = story.query.query_what_if_forecast(
        **answer_arn(scenario, "WhatIfForecastArn"), Filters={"item_id": row["item_id"]}
    )
    changed = by_day(answer)["p50"][row["date"].removesuffix("Z")]
    assert (float(row["Baseline_p50"]), float(row["sale_p50"])) == (found, changed)
    assert client.list_what_if_analyses()["WhatIfAnalyses"][0]["WhatIfAnalysisName"] == NAME
    assert client.list_what_if_forecasts()["WhatIfForecasts"][0]["WhatIfForecastName"] == "sale"
    exports = client.list_what_if_forecast_exports()["WhatIfForecastExports"]
    assert exports[0]["WhatIfForecastExportName"] == "compared"


def new_data_show_how_good_the_forecast_was(story: Story) -> None:
    client, monitor = story.forecast, story.arns["monitor"]
    imported(story, "TARGET_TIME_SERIES", "second", target_csv(170 + HORIZON))

    def evaluated() -> list[dict[str, Any]] | None:
        return client.list_monitor_evaluations(MonitorArn=monitor)["PredictorMonitorEvaluations"] or None

    (evaluation,) = eventually(evaluated)
    assert evaluation["EvaluationState"] == "SUCCESS", evaluation.get("Message")
    assert evaluation["NumItemsEvaluated"] == len(ITEMS)
    metrics = {metric["MetricName"]: metric["MetricValue"] for metric in evaluation["MetricResults"]}
    assert list(metrics) == ["AverageWeightedQuantileLoss", "MAPE", "MASE", "RMSE", "WAPE"]
    actual = {(name, str(DAYS[d])): demand(i, d) for i, name in enumerate(ITEMS) for d in range(170, 170 + HORIZON)}
    mean = {(row["item_id"], row["date"][:10]): float(row["mean"]) for row in story.rows("values")}
    errors = sum(abs(mean[key] - value) for key, value in actual.items())
    assert metrics["WAPE"] == pytest.approx(errors / sum(actual.values()))


def a_monitor_is_stopped_and_resumed_and_one_is_made_by_itself(story: Story) -> None:
    client, monitor = story.forecast, story.arns["monitor"]
    client.stop_resource(ResourceArn=monitor)
    assert story.ended(client.describe_monitor, MonitorArn=monitor)["Status"] == "ACTIVE_STOPPED"
    client.resume_resource(ResourceArn=monitor)
    story.active(client.describe_monitor, MonitorArn=monitor)
    client.delete_monitor(MonitorArn=monitor)
    story.gone(client.describe_monitor, MonitorArn=monitor)
    answer = client.create_monitor(MonitorName="by_itself", ResourceArn=story.arns["predictor"])
    story.active(client.describe_monitor, **answer_arn(answer, "MonitorArn"))
    assert answer["MonitorArn"] in [listed["MonitorArn"] for listed in client.list_monitors()["Monitors"]]


def a_job_is_stopped(story: Story) -> None:
    client = story.forecast
    answer = client.create_forecast(ForecastName="stopped", PredictorArn=story.arns["predictor"])
    with suppress(client.exceptions.InvalidInputException):  # it was faster
        client.stop_resource(ResourceArn=answer["ForecastArn"])
    ended = story.ended(client.describe_forecast, **answer_arn(answer, "ForecastArn"))
    assert ended["Status"] in ("CREATE_STOPPED", "ACTIVE")
    client.delete_forecast(**answer_arn(answer, "ForecastArn"))
    story.gone(client.describe_forecast, **answer_arn(answer, "ForecastArn"))


def a_predictor_of_one_algorithm_is_made_the_older_way(story: Story) -> None:
    client = story.forecast
    answer = client.create_predictor(
        PredictorName="older",
        AlgorithmArn="arn:aws:forecast:::algorithm/ETS",
        ForecastHorizon=HORIZON,
        InputDataConfig={"DatasetGroupArn": story.arns["group"]},
        FeaturizationConfig={"ForecastFrequency": "D"},
    )
    described = story.active(client.describe_predictor, **answer_arn(answer, "PredictorArn"))
    assert described["IsAutoPredictor"] is False
    client.delete_predictor(**answer_arn(answer, "PredictorArn"))
    story.gone(client.describe_predictor, **answer_arn(answer, "PredictorArn"))


def all_is_deleted_from_the_leaves_up_and_the_rest_as_a_tree(story: Story) -> None:
    client, arns = story.forecast, story.arns
    leaves = [
        (client.delete_what_if_forecast_export, client.describe_what_if_forecast_export, "scenario export"),
        (client.delete_what_if_forecast, client.describe_what_if_forecast, "scenario"),
        (client.delete_what_if_analysis, client.describe_what_if_analysis, "analysis"),
        (
            client.delete_explainability_export,
            client.describe_explainability_export,
            "forecast explanation export",
        ),
        (client.delete_explainability, client.describe_explainability, "forecast explanation"),
        (client.delete_forecast_export_job, client.describe_forecast_export_job, "forecast export"),
        (
            client.delete_predictor_backtest_export_job,
            client.describe_predictor_backtest_export_job,
            "backtest export",
        ),
    ]
    for delete, describe, name in leaves:
        (member,) = client.meta.service_model.operation_model(
            client.meta.method_to_api_mapping[delete.__name__]
        ).input_shape.members
        delete(**{member: arns[name]})
        story.gone(describe, **{member: arns[name]})
    client.delete_resource_tree(ResourceArn=arns["predictor"])
    story.gone(client.describe_auto_predictor, PredictorArn=arns["predictor"])
    for describe, member, name in (
        (client.describe_forecast, "ForecastArn", "forecast"),
        (client.describe_explainability, "ExplainabilityArn", "explanation"),
        (client.describe_explainability_export, "ExplainabilityExportArn", "predictor explanation export"),
    ):
        story.gone(describe, **{member: arns[name]})


def data_are_deleted_and_files_with_the_caller_stay(story: Story) -> None:
    client, arns = story.forecast, story.arns
    client.delete_dataset_group(DatasetGroupArn=arns["group"])
    story.gone(client.describe_dataset_group, DatasetGroupArn=arns["group"])
    for kind in ("TARGET_TIME_SERIES", "RELATED_TIME_SERIES", "ITEM_METADATA"):
        for job in [arn for name, arn in arns.items() if name.startswith(f"{kind} ")]:
            client.delete_dataset_import_job(DatasetImportJobArn=job)
            story.gone(client.describe_dataset_import_job, DatasetImportJobArn=job)
        client.delete_dataset(DatasetArn=arns[kind])
        story.gone(client.describe_dataset, DatasetArn=arns[kind])
    assert story.stack.keys(f"{FOLDER}/values/")  # files with the caller stay


def test_every_operation_of_both_services_is_called(stack: Stack) -> None:
    story = Story(stack)
    three_kinds_of_data_are_imported(story)
    a_group_binds_them(story)
    a_predictor_learns_from_all_of_it_and_is_explained_and_watched(story)
    its_accuracy_is_measured_and_exported(story)
    a_forecast_is_queried_and_its_export_reads_back_the_same(story)
    what_moves_it_is_explained_and_exported(story)
    a_lower_price_sells_more(story)
    new_data_show_how_good_the_forecast_was(story)
    a_monitor_is_stopped_and_resumed_and_one_is_made_by_itself(story)
    a_job_is_stopped(story)
    a_predictor_of_one_algorithm_is_made_the_older_way(story)
    all_is_deleted_from_the_leaves_up_and_the_rest_as_a_tree(story)
    data_are_deleted_and_files_with_the_caller_stay(story)
    for service, called in story.called.items():
        assert called == set(service_model(service).operation_names)
