"""A service whose worker meets faults, a job of each kind in it, and what the jobs leave."""

import io
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import numpy as np

from forecast_service.records.job_start import execution_name
from forecast_service.records.table import Records
from forecast_service.storage.bucket import resource_prefix
from tests.contract.conftest import BUCKET, HOME, Amazon
from tests.forecast_service.api_environment import TABLE
from tests.forecast_service.jobs.faults import Faults

SERVICE_BUCKET = "service-bucket"
ITEMS = "abcdef"  # of 60 days each: enough for the model that learns across them, which what-ifs need
TIMES = re.compile(r"_\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ")  # in the names of exported files
EVERYTHING = {"TimeSeriesGranularity": "ALL", "TimePointGranularity": "ALL"}


class World(Amazon):
    """The whole service with faults in its worker, and what its jobs need, made undisturbed."""

    def __init__(self, faults: Faults) -> None:
        super().__init__()
        self.faults = faults
        self.machine._handler = faults.worker(self.machine._handler)
        self.machine.attempts = 4  # a first one and the three retries of forecast_job.asl.json
        self.records = Records(TABLE)
        self._undisturbed: dict[str, tuple[int, Any]] = {}
        ahead = [str(date(2020, 1, 1) + timedelta(number)) for number in range(67)]
        days = ahead[:60]
        series = {"item_id": "string", "timestamp": "timestamp"}
        target = self.dataset("sales")
        related = self.dataset("prices", series | {"price": "float"}, DatasetType="RELATED_TIME_SERIES")
        sold = [f"{item},{day},{(n * n) % 11 + n % 7}\n" for item in ITEMS for n, day in enumerate(days)]
        prices = [f"{item},{day},{n * n % 11}\n" for item in ITEMS for n, day in enumerate(ahead)]
        self.content = "".join(sold)
        newer = [f"{item},{day},{n % 5}\n" for item in ITEMS for n, day in enumerate(ahead[60:])]
        self.newer = self.content + "".join(newer)
        self.import_csv(target, self.content, TimestampFormat="yyyy-MM-dd")
        assert self.import_csv(related, "".join(prices), TimestampFormat="yyyy-MM-dd")["Status"] == "ACTIVE"
        group = self.forecast.create_dataset_group(
            DatasetGroupName="shop", Domain="CUSTOM", DatasetArns=[target, related]
        )
        self.group_arn = group["DatasetGroupArn"]
        self.predictor_arn = self.auto_predictor("auto", self.group_arn)
        self.forecast_arn = self.forecast_of("week", self.predictor_arn)
        explained(self, "to_export")
        self.analysis_arn = what_if_analysed(self, "to_forecast")
        self.run_jobs()
        self.scenario_arn = what_if_forecast(self, "to_export")
        self.run_jobs()

    def undisturbed(self, job: str) -> tuple[int, Any]:
        """How many calls a job makes, and what it leaves."""
        if job not in self._undisturbed:
            arn = JOBS[job](self, named(job, "undisturbed"))
            with self.faults.at("", -1):
                self.run_jobs()
            assert self.records.get(arn).status == "ACTIVE"
            self._undisturbed[job] = (len(self.faults.calls), self.left_by(arn))
            self.removed(arn)
        return self._undisturbed[job]

    def left_by(self, arn: str) -> Any:
        """What a job has left: in its record, in the service's storage, and with the caller."""
        record = self.records.get(arn)
        prefix = resource_prefix(record)
        stored = {key.removeprefix(prefix): self._content(SERVICE_BUCKET, key) for key in self.stored(prefix)}
        exported = {
            TIMES.sub("", key.partition("/")[2]): self._content(BUCKET, key) for key in self.keys(f"{record.name}/")
        }
        renamed = {name.replace(record.name, ""): content for name, content in exported.items()}
        return record.outcome, record.facts, stored, renamed

    def stored(self, prefix: str) -> list[str]:
        """The service's own objects below a prefix."""
        listed = self.s3.list_objects_v2(Bucket=SERVICE_BUCKET, Prefix=prefix).get("Contents", [])
        return [item["Key"] for item in listed]

    def removed(self, arn: str) -> None:
        """Delete a resource with what lies below it."""
        self.forecast.delete_resource_tree(ResourceArn=arn)
        self.run_jobs()

    def ended_from_outside(self, arn: str) -> None:
        """End the execution that creates a resource, as Step Functions does whose last state has failed."""
        execution = execution_name(self.records.get(arn), "create")
        machine_arn = self._machine_arn.replace(":stateMachine:", ":execution:")
        self._states.stop_execution(executionArn=f"{machine_arn}:{execution}")

    def _content(self, bucket: str, key: str) -> Any:
        body = self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        if not key.endswith(".npz"):  # an archive names the time of its making
            return body
        with np.load(io.BytesIO(body)) as archive:
            return {name: archive[name].tobytes() for name in archive}


def named(job: str, name: str) -> str:
    """A name that no other job has: exports write into a folder of their name."""
    return f"{job.replace('-', '_').replace(' ', '_')}_{name}"


def imported(world: World, name: str) -> str:
    world.s3.put_object(Bucket=BUCKET, Key="in/again.csv", Body=world.content.encode())
    answer = world.forecast.create_dataset_import_job(
        DatasetImportJobName=name,
        DatasetArn=f"{HOME}:dataset/sales",
        DataSource=world.path("in/again.csv"),
        TimestampFormat="yyyy-MM-dd",
    )
    return str(answer["DatasetImportJobArn"])


def predicted(world: World, name: str) -> str:
    answer = world.forecast.create_auto_predictor(
        PredictorName=name,
        ForecastHorizon=7,
        ForecastFrequency="D",
        DataConfig={"DatasetGroupArn": world.group_arn},
    )
    return str(answer["PredictorArn"])


def forecast(world: World, name: str) -> str:
    answer = world.forecast.create_forecast(ForecastName=name, PredictorArn=world.predictor_arn)
    return str(answer["ForecastArn"])


def exported(world: World, name: str) -> str:
    answer = world.forecast.create_forecast_export_job(
        ForecastExportJobName=name, ForecastArn=world.forecast_arn, Destination=world.path(name)
    )
    return str(answer["ForecastExportJobArn"])


def backtest_exported(world: World, name: str) -> str:
    answer = world.forecast.create_predictor_backtest_export_job(
        PredictorBacktestExportJobName=name, PredictorArn=world.predictor_arn, Destination=world.path(name)
    )
    return str(answer["PredictorBacktestExportJobArn"])


def monitored(world: World, name: str) -> str:
    answer = world.forecast.create_monitor(MonitorName=name, ResourceArn=world.predictor_arn)
    return str(answer["MonitorArn"])


def explained(world: World, name: str) -> str:
    answer = world.forecast.create_explainability(
        ExplainabilityName=name, ResourceArn=world.forecast_arn, ExplainabilityConfig=EVERYTHING
    )
    return str(answer["ExplainabilityArn"])


def explanation_exported(world: World, name: str) -> str:
    answer = world.forecast.create_explainability_export(
        ExplainabilityExportName=name,
        ExplainabilityArn=f"{HOME}:explainability/to_export",
        Destination=world.path(name),
    )
    return str(answer["ExplainabilityExportArn"])


def what_if_analysed(world: World, name: str) -> str:
    answer = world.forecast.create_what_if_analysis(WhatIfAnalysisName=name, ForecastArn=world.forecast_arn)
    return str(answer["WhatIfAnalysisArn"])


def what_if_forecast(world: World, name: str) -> str:
    action = {"AttributeName": "price", "Operation": "MULTIPLY", "Value": 0.5}
    answer = world.forecast.create_what_if_forecast(
        WhatIfForecastName=name,
        WhatIfAnalysisArn=world.analysis_arn,
        TimeSeriesTransformations=[{"Action": action}],
    )
    return str(answer["WhatIfForecastArn"])


def what_if_exported(world: World, name: str) -> str:
    answer = world.forecast.create_what_if_forecast_export(
        WhatIfForecastExportName=name, WhatIfForecastArns=[world.scenario_arn], Destination=world.path(name)
    )
    return str(answer["WhatIfForecastExportArn"])


JOBS: dict[str, Callable[[World, str], str]] = {
    "import": imported,
    "predictor": predicted,
    "forecast": forecast,
    "forecast export": exported,
    "backtest export": backtest_exported,
    "monitor": monitored,
    "explainability": explained,
    "explainability export": explanation_exported,
    "what-if analysis": what_if_analysed,
    "what-if forecast": what_if_forecast,
    "what-if forecast export": what_if_exported,
}
