"""The first part of the shop's story: data are imported, a predictor learns from them, its accuracy is looked at."""

from typing import Any

from tests.whole_way.shop_story import HORIZON, ITEMS, KEYS, NAME, Story, metadata_csv, price_csv, schema, target_csv


def three_kinds_of_data_are_imported(story: Story) -> None:
    client, frequency = story.forecast, {"DataFrequency": "D"}
    datasets: dict[str, tuple[dict[str, str], dict[str, str], str]] = {
        "TARGET_TIME_SERIES": (KEYS | {"target_value": "float"}, frequency, target_csv(170)),
        "RELATED_TIME_SERIES": (KEYS | {"price": "float"}, frequency, price_csv(170 + HORIZON)),
        "ITEM_METADATA": ({"item_id": "string", "brand": "string"}, {}, metadata_csv()),
    }
    for dataset_type, (types, more, content) in datasets.items():
        dataset = client.create_dataset(
            DatasetName=f"{NAME}_{dataset_type.lower()}",
            Domain="CUSTOM",
            DatasetType=dataset_type,
            Schema=schema(types),
            **more,
        )["DatasetArn"]
        story.arns[dataset_type] = dataset
        imported(story, dataset_type, "first", content)
    assert client.describe_dataset(DatasetArn=story.arns["TARGET_TIME_SERIES"])["Status"] == "ACTIVE"
    listed = {dataset["DatasetArn"] for dataset in client.list_datasets()["Datasets"]}
    assert listed >= {story.arns[dataset_type] for dataset_type in datasets}
    jobs = client.list_dataset_import_jobs()["DatasetImportJobs"]
    assert {job["DatasetImportJobArn"] for job in jobs} >= {story.arns[f"{kind} first"] for kind in datasets}


def imported(story: Story, dataset_type: str, name: str, content: str) -> dict[str, Any]:
    answer = story.forecast.create_dataset_import_job(
        DatasetImportJobName=name,
        DatasetArn=story.arns[dataset_type],
        DataSource=story.put(f"{dataset_type}_{name}.csv", content),
        **({} if dataset_type == "ITEM_METADATA" else {"TimestampFormat": "yyyy-MM-dd"}),
    )
    story.arns[f"{dataset_type} {name}"] = answer["DatasetImportJobArn"]
    return story.active(story.forecast.describe_dataset_import_job, **answer_arn(answer, "DatasetImportJobArn"))


def answer_arn(answer: dict[str, Any], member: str) -> dict[str, str]:
    return {member: answer[member]}


def a_group_binds_them(story: Story) -> None:
    client = story.forecast
    group = client.create_dataset_group(DatasetGroupName=NAME, Domain="CUSTOM")["DatasetGroupArn"]
    story.arns["group"] = group
    datasets = [story.arns[kind] for kind in ("TARGET_TIME_SERIES", "RELATED_TIME_SERIES", "ITEM_METADATA")]
    client.update_dataset_group(DatasetGroupArn=group, DatasetArns=datasets)
    assert client.describe_dataset_group(DatasetGroupArn=group)["DatasetArns"] == datasets
    assert group in [listed["DatasetGroupArn"] for listed in client.list_dataset_groups()["DatasetGroups"]]
    client.tag_resource(ResourceArn=group, Tags=[{"Key": "team", "Value": "sales"}, {"Key": "year", "Value": "2023"}])
    client.untag_resource(ResourceArn=group, TagKeys=["year"])
    created_by = {"Key": "aws:almanac:created-by", "Value": "arn:aws:iam::000000000000:root"}
    assert client.list_tags_for_resource(ResourceArn=group)["Tags"] == [{"Key": "team", "Value": "sales"}, created_by]


def a_predictor_learns_from_all_of_it_and_is_explained_and_watched(story: Story) -> None:
    client = story.forecast
    holidays = {"Name": "holiday", "Configuration": {"CountryCode": ["US"]}}
    predictor = client.create_auto_predictor(
        PredictorName=NAME,
        ForecastHorizon=HORIZON,
        ForecastFrequency="D",
        ForecastTypes=["0.1", "0.5", "0.9", "mean"],
        DataConfig={"DatasetGroupArn": story.arns["group"], "AdditionalDatasets": [holidays]},
        ExplainPredictor=True,
        MonitorConfig={"MonitorName": f"{NAME}_watch"},
    )["PredictorArn"]
    story.arns["predictor"] = predictor
    described = story.active(client.describe_auto_predictor, PredictorArn=predictor)
    assert len(described["DatasetImportJobArns"]) == 3
    story.arns["explanation"] = described["ExplainabilityInfo"]["ExplainabilityArn"]
    story.arns["monitor"] = described["MonitorInfo"]["MonitorArn"]
    story.active(client.describe_explainability, ExplainabilityArn=story.arns["explanation"])
    story.active(client.describe_monitor, MonitorArn=story.arns["monitor"])
    assert predictor in [listed["PredictorArn"] for listed in client.list_predictors()["Predictors"]]


def its_accuracy_is_measured_and_exported(story: Story) -> None:
    client, predictor = story.forecast, story.arns["predictor"]
    (result,) = client.get_accuracy_metrics(PredictorArn=predictor)["PredictorEvaluationResults"]
    summary = result["TestWindows"][0]
    assert 0 < summary["Metrics"]["ErrorMetrics"][0]["WAPE"] < 0.1
    answer = client.create_predictor_backtest_export_job(
        PredictorBacktestExportJobName="back", PredictorArn=predictor, Destination=story.location("back")
    )
    story.arns["backtest export"] = answer["PredictorBacktestExportJobArn"]
    story.active(client.describe_predictor_backtest_export_job, **answer_arn(answer, "PredictorBacktestExportJobArn"))
    assert {row["item_id"] for row in story.rows("back/accuracy-metrics-values")} == set(ITEMS)
    listed = client.list_predictor_backtest_export_jobs()["PredictorBacktestExportJobs"]
    assert answer["PredictorBacktestExportJobArn"] in [job["PredictorBacktestExportJobArn"] for job in listed]
