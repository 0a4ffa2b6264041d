"""A shop whose resources are created through the API, and whose jobs end as the worker would end them."""

import copy
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import boto3

from forecast_service.records.lifecycle import begin, finish
from forecast_service.records.table import Records
from tests.forecast_service.api_environment import TABLE

TARGET_SCHEMA = {"item_id": "string", "timestamp": "timestamp", "target_value": "float"}
S3_CONFIG = {"Path": "s3://data-bucket/train/", "RoleArn": "arn:aws:iam::123456789012:role/data"}


def schema(attributes: dict[str, str]) -> dict[str, Any]:
    """A schema in the form of the API."""
    return {"Attributes": [{"AttributeName": name, "AttributeType": kind} for name, kind in attributes.items()]}


class Shop:
    """Makes resources through the API and ends their jobs as the worker would. Every method returns an ARN."""

    def __init__(self, client: Any, records: Records) -> None:
        self.client = client
        self.records = records

    def end(self, arn: str, outcome: dict[str, Any] | None = None, facts: dict[str, Any] | None = None) -> str:
        """The worker's part: the job of a creation runs and succeeds."""
        begin(self.records, arn)
        finish(self.records, arn, outcome or {}, facts or {})
        return arn

    def dataset(self, name: str = "sales", attributes: dict[str, str] | None = None, **request: Any) -> str:
        request = {"Domain": "CUSTOM", "DatasetType": "TARGET_TIME_SERIES", "DataFrequency": "D"} | request
        answer = self.client.create_dataset(DatasetName=name, Schema=schema(attributes or TARGET_SCHEMA), **request)
        return str(answer["DatasetArn"])

    def pending_import(self, dataset: str, name: str = "first", **request: Any) -> str:
        answer = self.client.create_dataset_import_job(
            DatasetImportJobName=name, DatasetArn=dataset, DataSource={"S3Config": S3_CONFIG}, **request
        )
        return str(answer["DatasetImportJobArn"])

    def imported(self, dataset: str, name: str = "first", length: int = 100, **request: Any) -> str:
        """``length`` days from 2024-01-01 on."""
        last = datetime(2024, 1, 1) + timedelta(days=length - 1)
        facts = {"length": length, "first_timestamp": "2024-01-01T00:00:00", "last_timestamp": last.isoformat()}
        return self.end(self.pending_import(dataset, name, **request), {"DataSize": 0.25}, facts)

    def group(self, *datasets: str, name: str = "shop", domain: str = "CUSTOM") -> str:
        answer = self.client.create_dataset_group(DatasetGroupName=name, Domain=domain, DatasetArns=list(datasets))
        return str(answer["DatasetGroupArn"])

    def imported_group(self, length: int = 100, **dataset: Any) -> str:
        """A group whose one dataset holds data."""
        target = self.dataset(**dataset)
        self.imported(target, length=length)
        return self.group(target)

    def imported_items(self, name: str = "items") -> str:
        """Item metadata that hold data: something beside the target that forecasts can be explained by."""
        answer = self.client.create_dataset(
            DatasetName=name,
            Domain="CUSTOM",
            DatasetType="ITEM_METADATA",
            Schema=schema({"item_id": "string", "brand": "string"}),
        )
        dataset = str(answer["DatasetArn"])
        self.imported(dataset)
        return dataset

    def imported_prices(self, attributes: dict[str, str] | None = None) -> str:
        """Related time series that hold data: something that a scenario can change."""
        columns = attributes or {"item_id": "string", "timestamp": "timestamp", "price": "float", "stock": "integer"}
        dataset = self.dataset("prices", columns, DatasetType="RELATED_TIME_SERIES")
        self.imported(dataset, length=107)
        return dataset

    def pending_auto_predictor(self, group: str, name: str = "auto", **request: Any) -> str:
        data = {"DatasetGroupArn": group} | request.pop("DataConfig", {})
        request = {"ForecastHorizon": 7, "ForecastFrequency": "D", "DataConfig": data} | request
        return str(self.client.create_auto_predictor(PredictorName=name, **request)["PredictorArn"])

    def auto_predictor(self, group: str, name: str = "auto", **request: Any) -> str:
        return self.end(self.pending_auto_predictor(group, name, **request), {"PredictorEvaluationResults": []})

    def pending_legacy_predictor(self, group: str, name: str = "legacy", **request: Any) -> str:
        configuration = {"ForecastFrequency": "D"} | request.pop("FeaturizationConfig", {})
        request = {
            "AlgorithmArn": "arn:aws:forecast:::algorithm/NPTS",
            "ForecastHorizon": 7,
            "InputDataConfig": {"DatasetGroupArn": group},
            "FeaturizationConfig": configuration,
        } | request
        given = {field: value for field, value in request.items() if value is not None}
        return str(self.client.create_predictor(PredictorName=name, **given)["PredictorArn"])

    def legacy_predictor(self, group: str, name: str = "legacy", **request: Any) -> str:
        return self.end(self.pending_legacy_predictor(group, name, **request), {"PredictorEvaluationResults": []})

    def pending_forecast(self, predictor: str, name: str = "week", **request: Any) -> str:
        return str(self.client.create_forecast(ForecastName=name, PredictorArn=predictor, **request)["ForecastArn"])

    def forecast(self, predictor: str, name: str = "week", series_count: int = 3, **request: Any) -> str:
        """The week behind 100 days of history."""
        ends = {"first_timestamp": "2024-04-10T00:00:00", "last_timestamp": "2024-04-16T00:00:00"}
        return self.end(self.pending_forecast(predictor, name, **request), facts={"series_count": series_count} | ends)

    def pending_export(self, forecast: str, name: str = "csv") -> str:
        answer = self.client.create_forecast_export_job(
            ForecastExportJobName=name, ForecastArn=forecast, Destination={"S3Config": S3_CONFIG}
        )
        return str(answer["ForecastExportJobArn"])

    def pending_backtest_export(self, predictor: str, name: str = "backtest") -> str:
        answer = self.client.create_predictor_backtest_export_job(
            PredictorBacktestExportJobName=name, PredictorArn=predictor, Destination={"S3Config": S3_CONFIG}
        )
        return str(answer["PredictorBacktestExportJobArn"])

    def pending_monitor(self, predictor: str, name: str = "watch", **request: Any) -> str:
        answer = self.client.create_monitor(MonitorName=name, ResourceArn=predictor, **request)
        return str(answer["MonitorArn"])

    def monitor(self, predictor: str, name: str = "watch", **request: Any) -> str:
        return self.end(self.pending_monitor(predictor, name, **request))

    def pending_explainability(self, explained: str, name: str = "why", **request: Any) -> str:
        granularity = {"TimeSeriesGranularity": "ALL", "TimePointGranularity": "ALL"}
        request = {"ExplainabilityConfig": granularity} | request
        answer = self.client.create_explainability(ExplainabilityName=name, ResourceArn=explained, **request)
        return str(answer["ExplainabilityArn"])

    def explainability(self, explained: str, name: str = "why", **request: Any) -> str:
        return self.end(self.pending_explainability(explained, name, **request))

    def pending_explainability_export(self, explainability: str, name: str = "scores") -> str:
        answer = self.client.create_explainability_export(
            ExplainabilityExportName=name, ExplainabilityArn=explainability, Destination={"S3Config": S3_CONFIG}
        )
        return str(answer["ExplainabilityExportArn"])

    def pending_what_if_analysis(self, forecast: str, name: str = "prices", **request: Any) -> str:
        answer = self.client.create_what_if_analysis(WhatIfAnalysisName=name, ForecastArn=forecast, **request)
        return str(answer["WhatIfAnalysisArn"])

    def what_if_analysis(self, forecast: str, name: str = "prices", **request: Any) -> str:
        return self.end(self.pending_what_if_analysis(forecast, name, **request))

    def pending_what_if_forecast(self, analysis: str, name: str = "dear", **request: Any) -> str:
        """A price that is a tenth higher, unless the request has another scenario."""
        if not request:
            action = {"AttributeName": "price", "Operation": "MULTIPLY", "Value": 1.1}
            request = {"TimeSeriesTransformations": [{"Action": action}]}
        answer = self.client.create_what_if_forecast(WhatIfForecastName=name, WhatIfAnalysisArn=analysis, **request)
        return str(answer["WhatIfForecastArn"])

    def what_if_forecast(self, analysis: str, name: str = "dear", **request: Any) -> str:
        return self.end(self.pending_what_if_forecast(analysis, name, **request))

    def pending_what_if_export(self, *forecasts: str, name: str = "compared", **request: Any) -> str:
        answer = self.client.create_what_if_forecast_export(
            WhatIfForecastExportName=name,
            WhatIfForecastArns=list(forecasts),
            Destination={"S3Config": S3_CONFIG},
            **request,
        )
        return str(answer["WhatIfForecastExportArn"])


Named = dict[str, str]  # name -> ARN
_made: dict[Callable[[Shop], Named], tuple[list[dict[str, Any]], Named]] = {}


def made_once(shop: Shop, make: Callable[[Shop], Named]) -> Named:
    """What ``make`` gives of a shop that has nothing else: made through the API for the first test that asks for it.

    The shops of the others have a copy of the records; of them no job was started.
    """
    if make in _made:
        items, named = _made[make]
        table = boto3.client("dynamodb")
        for item in items:
            table.put_item(TableName=TABLE, Item=item)
    else:
        named = make(shop)
        pages = boto3.client("dynamodb").get_paginator("scan").paginate(TableName=TABLE)
        _made[make] = [item for page in pages for item in page["Items"]], named
    return copy.copy(named)
