"""What holds for every kind of resource, through a real boto3 client."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from forecast_service.api import operations
from forecast_service.records import lifecycle
from forecast_service.records.job_start import JobStarter
from forecast_service.records.record import Record, now
from forecast_service.records.table import Records
from tests.forecast_service.api_client import Refused, StartedJobs
from tests.forecast_service.shop import Shop, made_once

ROLE = "arn:aws:iam::123456789012:role/data"


def make_chain(shop: Shop) -> dict[str, str]:
    """One resource of each kind, each ACTIVE: kind -> ARN."""
    dataset = shop.dataset()
    job = shop.imported(dataset)
    group = shop.group(dataset, shop.imported_prices(), shop.imported_items())
    predictor = shop.auto_predictor(group)
    forecast = shop.forecast(predictor)
    explainability = shop.explainability(predictor)
    analysis = shop.what_if_analysis(forecast)
    scenario = shop.what_if_forecast(analysis)
    return {
        "Dataset": dataset,
        "DatasetImportJob": job,
        "DatasetGroup": group,
        "Predictor": predictor,
        "PredictorBacktestExportJob": shop.end(shop.pending_backtest_export(predictor)),
        "Forecast": forecast,
        "ForecastExportJob": shop.end(shop.pending_export(forecast)),
        "Explainability": explainability,
        "ExplainabilityExport": shop.end(shop.pending_explainability_export(explainability)),
        "WhatIfAnalysis": analysis,
        "WhatIfForecast": scenario,
        "WhatIfForecastExport": shop.end(shop.pending_what_if_export(scenario)),
        "Monitor": shop.monitor(predictor),
    }


@pytest.fixture
def chain(shop: Shop) -> dict[str, str]:
    """See ``make_chain``."""
    return made_once(shop, make_chain)


def snake(noun: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in noun).removeprefix("_")


def describe(client: Any, noun: str, arn: str) -> dict[str, Any]:
    operation = "auto_predictor" if noun == "Predictor" else snake(noun)
    return getattr(client, f"describe_{operation}")(**{f"{noun}Arn": arn})


def delete(client: Any, noun: str, arn: str) -> dict[str, Any]:
    return getattr(client, f"delete_{snake(noun)}")(**{f"{noun}Arn": arn})


NOUNS = [kind.noun for kind in operations.RESOURCE_KINDS.values()]
WITH_CHILDREN = [
    "Dataset",
    "DatasetGroup",
    "Predictor",
    "Forecast",
    "Explainability",
]


def test_arns_have_the_forms_that_clients_build(chain: dict[str, str]) -> None:
    home = "arn:aws:forecast:us-east-1:123456789012"
    predictor, analysis = chain.pop("Predictor"), chain.pop("WhatIfAnalysis")
    assert predictor[:-26] == f"{home}:predictor/auto_"
    assert chain.pop("Monitor")[:-26] == f"{home}:monitor/watch_"
    assert analysis[:-26] == f"{home}:what-if-analysis/week/prices_"
    scenario, export = chain.pop("WhatIfForecast"), chain.pop("WhatIfForecastExport")
    assert scenario[:-26] == f"{home}:what-if-forecast/week/{analysis.rpartition('/')[2]}/dear_"
    assert export[:-26] == f"{home}:what-if-forecast-export/dear/compared_"
    assert chain == {
        "Dataset": f"{home}:dataset/sales",
        "DatasetGroup": f"{home}:dataset-group/shop",
        "DatasetImportJob": f"{home}:dataset-import-job/sales/first",
        "PredictorBacktestExportJob": f"{home}:predictor-backtest-export-job/auto/backtest",
        "Forecast": f"{home}:forecast/week",
        "ForecastExportJob": f"{home}:forecast-export-job/week/csv",
        "Explainability": f"{home}:explainability/why",
        "ExplainabilityExport": f"{home}:explainability-export/why/scores",
    }


@pytest.mark.parametrize("noun", NOUNS)
def test_describe_tells_name_arn_status_and_times(forecast: Any, chain: dict[str, str], noun: str) -> None:
    answer = describe(forecast, noun, chain[noun])
    assert answer[f"{noun}Arn"] == chain[noun]
    assert answer["Status"] == "ACTIVE"
    assert answer["CreationTime"] <= answer["LastModificationTime"]
    assert "Message" not in answer
    assert None not in answer.values()


@pytest.mark.parametrize("noun", NOUNS)
def test_what_does_not_exist_is_not_found(forecast: Any, refused: Refused, chain: dict[str, str], noun: str) -> None:
    arn = f"{chain[noun]}x"
    for operation in (describe, delete):
        with refused("ResourceNotFoundException", f"No resource found {arn}"):
            operation(forecast, noun, arn)


@pytest.mark.parametrize("noun", NOUNS)
def test_an_arn_of_another_kind_is_not_found(forecast: Any, refused: Refused, chain: dict[str, str], noun: str) -> None:
    other = chain["Forecast" if noun != "Forecast" else "Dataset"]
    with refused("ResourceNotFoundException", other):
        describe(forecast, noun, other)


@pytest.mark.parametrize("noun", WITH_CHILDREN)
def test_what_has_children_is_not_deleted(forecast: Any, refused: Refused, chain: dict[str, str], noun: str) -> None:
    with refused("ResourceInUseException", "has children"):
        delete(forecast, noun, chain[noun])
    assert describe(forecast, noun, chain[noun])["Status"] == "ACTIVE"


def test_all_are_deleted_from_the_leaves_up(
    forecast: Any, shop: Shop, chain: dict[str, str], started_jobs: StartedJobs
) -> None:
    order = ["WhatIfForecastExport", "WhatIfForecast", "WhatIfAnalysis", "ExplainabilityExport", "Explainability"]
    order += ["ForecastExportJob", "PredictorBacktestExportJob", "Forecast", "Monitor", "Predictor"]
    order += ["DatasetImportJob", "Dataset", "DatasetGroup"]
    for noun in order:
        delete(forecast, noun, chain[noun])
        assert describe(forecast, noun, chain[noun])["Status"] == "DELETE_PENDING"
        lifecycle.begin_deletion(shop.records, chain[noun])
        lifecycle.deleted(shop.records, chain[noun])
        with pytest.raises(forecast.exceptions.ResourceNotFoundException):
            describe(forecast, noun, chain[noun])
    deletions = [job["Arn"] for job in started_jobs() if job["Action"] == "delete"]
    assert sorted(deletions) == sorted(chain.values())


def test_a_repeated_deletion_is_done_once(forecast: Any, shop: Shop, started_jobs: StartedJobs) -> None:
    dataset = shop.dataset()
    for _ in range(3):
        assert forecast.delete_dataset(DatasetArn=dataset)["ResponseMetadata"]["HTTPStatusCode"] == 200
    lifecycle.begin_deletion(shop.records, dataset)
    forecast.delete_dataset(DatasetArn=dataset)
    assert started_jobs() == [{"Arn": dataset, "Action": "delete"}]


def test_a_name_stays_taken_until_the_deletion_has_ended(forecast: Any, shop: Shop, refused: Refused) -> None:
    dataset = shop.dataset()
    forecast.delete_dataset(DatasetArn=dataset)
    with refused("ResourceAlreadyExistsException", f"A dataset already exists with the arn: {dataset}"):
        shop.dataset()
    lifecycle.deleted(shop.records, dataset)
    assert shop.dataset() == dataset


def test_the_arn_of_a_taken_name_is_where_two_clients_look_for_it(shop: Shop) -> None:
    dataset = shop.dataset()
    with pytest.raises(ClientError) as error:
        shop.dataset()
    assert error.value.response["Message"].split(": ")[-1] == dataset
    assert error.value.response["Error"]["Message"].split()[-1] == dataset


def test_a_failed_deletion_can_be_asked_for_again(forecast: Any, shop: Shop, started_jobs: StartedJobs) -> None:
    dataset = shop.dataset()
    forecast.delete_dataset(DatasetArn=dataset)
    lifecycle.fail_deletion(shop.records, dataset, "access denied")
    shop.records.update(dataset, last_modification_time=now() + 1)
    forecast.delete_dataset(DatasetArn=dataset)
    assert len(started_jobs()) == 2


@pytest.mark.parametrize("status", ["CREATE_PENDING", "CREATE_IN_PROGRESS"])
def test_what_is_being_created_is_not_deleted(forecast: Any, shop: Shop, refused: Refused, status: str) -> None:
    job = shop.pending_import(shop.dataset())
    shop.records.update(job, status=status)
    with refused("ResourceInUseException", status):
        forecast.delete_dataset_import_job(DatasetImportJobArn=job)


def test_what_failed_says_why_and_can_be_deleted(forecast: Any, shop: Shop) -> None:
    job = shop.pending_import(shop.dataset())
    lifecycle.fail(shop.records, job, "train/a.csv line 2: found x, wanted a number")
    answer = forecast.describe_dataset_import_job(DatasetImportJobArn=job)
    assert (answer["Status"], answer["Message"]) == ("CREATE_FAILED", "train/a.csv line 2: found x, wanted a number")
    assert forecast.list_dataset_import_jobs()["DatasetImportJobs"][0]["Message"] == answer["Message"]
    forecast.delete_dataset_import_job(DatasetImportJobArn=job)


def test_a_child_that_slips_in_while_its_parent_is_deleted_stops_the_deletion(
    forecast: Any, shop: Shop, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = shop.dataset()
    before = shop.records.get(dataset)
    apply = Records.apply
    others = iter([lambda: shop.imported(dataset)])  # between the check for children and the mark

    def apply_late(records: Records, changes: Any) -> None:
        next(others, lambda: None)()
        apply(records, changes)

    monkeypatch.setattr(Records, "apply", apply_late)
    with refused("ResourceInUseException", "has children"):
        forecast.delete_dataset(DatasetArn=dataset)
    after = shop.records.get(dataset)
    assert (after.status, after.request) == ("ACTIVE", before.request)


def test_every_creation_with_a_job_starts_one(shop: Shop, started_jobs: StartedJobs) -> None:
    chain = make_chain(shop)
    jobs = [arn for noun, arn in chain.items() if noun not in ("Dataset", "DatasetGroup")]
    home = "arn:aws:forecast:us-east-1:123456789012:dataset-import-job"
    others = [f"{home}/{dataset}/first" for dataset in ("prices", "items")]
    assert sorted(job["Arn"] for job in started_jobs()) == sorted([*jobs, *others])
    assert {job["Action"] for job in started_jobs()} == {"create"}


def test_a_creation_whose_job_cannot_start_leaves_nothing(
    forecast: Any, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = shop.dataset()

    def refuse(self: JobStarter, record: Record, action: str) -> None:
        raise ConnectionError("no Step Functions")

    monkeypatch.setattr("forecast_service.records.job_start.JobStarter.start", refuse)
    with pytest.raises(ClientError, match="InternalServerException"):
        shop.pending_import(dataset)
    assert forecast.describe_dataset(DatasetArn=dataset)["Status"] == "ACTIVE"
    assert forecast.list_dataset_import_jobs()["DatasetImportJobs"] == []


def test_a_running_job_was_modified_just_now(forecast: Any, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    job = shop.pending_import(shop.dataset())
    lifecycle.begin(shop.records, job)
    begun = forecast.describe_dataset_import_job(DatasetImportJobArn=job)["LastModificationTime"]
    monkeypatch.setattr(operations, "now", lambda: now() + 60)
    later = forecast.describe_dataset_import_job(DatasetImportJobArn=job)["LastModificationTime"]
    assert (later - begun).total_seconds() >= 60
    ended = lifecycle.finish(shop.records, job, {}, {}).last_modification_time
    answer = forecast.describe_dataset_import_job(DatasetImportJobArn=job)
    assert answer["LastModificationTime"].timestamp() == pytest.approx(ended, abs=1e-3)


def test_tags_are_checked(forecast: Any, refused: Refused) -> None:
    def create(tags: list[dict[str, str]]) -> None:
        forecast.create_dataset_group(DatasetGroupName="g", Domain="CUSTOM", Tags=tags)

    with refused("LimitExceededException", "50 tags; found 51"):
        create([{"Key": str(number), "Value": ""} for number in range(51)])
    with refused("InvalidInputException", "aws:"):
        create([{"Key": "AWS:x", "Value": ""}])
    with refused("InvalidInputException", "more than once"):
        create([{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}])
    create([{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}])


def test_tags_are_kept(forecast: Any, shop: Shop) -> None:
    tags = [{"Key": "team", "Value": "sales"}]
    answer = forecast.create_dataset_group(DatasetGroupName="g", Domain="CUSTOM", Tags=tags)
    assert shop.records.get(answer["DatasetGroupArn"]).tags == tags


@pytest.mark.parametrize(
    ("home", "sentence"),
    [
        ("ap-northeast-2:123456789012", "it is of ap-northeast-2, and this service is in us-east-1"),
        ("us-east-1:210987654321", "it is of account 210987654321, and this service is in 123456789012"),
    ],
)
def test_an_arn_of_another_region_or_account_is_told_so(
    forecast: Any, refused: Refused, home: str, sentence: str
) -> None:
    arn = f"arn:aws:forecast:{home}:dataset/sales"
    with refused("ResourceNotFoundException", f"No resource found {arn}: {sentence}"):
        forecast.describe_dataset(DatasetArn=arn)
    with refused("InvalidInputException", f"Dataset arns: [{arn}] are not found: {sentence}"):
        forecast.create_dataset_group(DatasetGroupName="group", Domain="CUSTOM", DatasetArns=[arn])
