"""DeleteResourceTree: a resource and what lies below it, all or nothing, and nothing beside it."""

from typing import Any

import pytest

from forecast_service.records import lifecycle
from forecast_service.records.table import Records
from tests.forecast_service.api_client import Refused, StartedJobs
from tests.forecast_service.shop import Shop, made_once

_OF_THE_ANALYSIS = {"dear", "cheap", "compared"}
_OF_THE_FORECAST = {"export", "explained", "explained_scores", "analysis", *_OF_THE_ANALYSIS}
_OF_THE_PREDICTOR = {"forecast", "backtest", "explainability", "scores"}


def make_tree(shop: Shop) -> dict[str, str]:
    """A group with two predictors, one of which has all that a predictor can have; name -> ARN."""
    dataset = shop.dataset()
    job = shop.imported(dataset)
    group = shop.group(dataset, shop.imported_prices(), shop.imported_items())
    predictor = shop.auto_predictor(group)
    forecast = shop.forecast(predictor)
    explainability = shop.explainability(predictor)
    explained = shop.explainability(forecast, "forecast")
    analysis = shop.what_if_analysis(forecast)
    scenarios = [shop.what_if_forecast(analysis, name) for name in ("dear", "cheap")]
    return {
        "dataset": dataset,
        "import": job,
        "group": group,
        "predictor": predictor,
        "forecast": forecast,
        "export": shop.end(shop.pending_export(forecast)),
        "backtest": shop.end(shop.pending_backtest_export(predictor)),
        "explainability": explainability,
        "scores": shop.end(shop.pending_explainability_export(explainability)),
        "explained": explained,
        "analysis": analysis,
        **dict(zip(("dear", "cheap"), scenarios, strict=True)),
        "compared": shop.end(shop.pending_what_if_export(*scenarios)),
        "explained_scores": shop.end(shop.pending_explainability_export(explained)),
        "other": shop.legacy_predictor(group),
    }


@pytest.fixture
def tree(shop: Shop) -> dict[str, str]:
    """See ``make_tree``."""
    return made_once(shop, make_tree)


def statuses(shop: Shop, tree: dict[str, str]) -> dict[str, str]:
    return {name: shop.records.get(arn).status for name, arn in tree.items()}


@pytest.mark.parametrize(
    ("root", "below"),
    [
        ("group", {"predictor", "other", *_OF_THE_PREDICTOR, *_OF_THE_FORECAST}),
        ("predictor", {*_OF_THE_PREDICTOR, *_OF_THE_FORECAST}),
        ("forecast", _OF_THE_FORECAST),
        ("analysis", _OF_THE_ANALYSIS),
        ("dear", {"compared"}),
        ("cheap", set()),
        ("explainability", {"scores"}),
        ("export", set()),
        ("dataset", {"import"}),
    ],
)
def test_the_tree_of_a_resource_is_deleted_and_no_more(
    shop: Shop, tree: dict[str, str], started_jobs: StartedJobs, root: str, below: set[str]
) -> None:
    shop.client.delete_resource_tree(ResourceArn=tree[root])
    going = {name for name, status in statuses(shop, tree).items() if status == "DELETE_PENDING"}
    assert going == below | {root}
    assert {name for name, status in statuses(shop, tree).items() if status == "ACTIVE"} == set(tree) - going
    assert [job["Arn"] for job in started_jobs() if job["Action"] == "delete"] == [tree[root]]


@pytest.mark.parametrize(
    "going",
    [
        ("forecast", "forecast", {"export", "export_of_before"}),
        ("what_if_forecast", "dear", {"compared"}),
        ("what_if_analysis", "analysis", _OF_THE_ANALYSIS),
    ],
)
def test_finished_exports_and_scenarios_go_with_what_they_are_of(
    shop: Shop, tree: dict[str, str], started_jobs: StartedJobs, going: tuple[str, str, set[str]]
) -> None:
    noun, parent, below = going
    if noun == "forecast":  # one that has nothing but exports, of which one has failed
        tree = {"predictor": tree["predictor"], "forecast": shop.forecast(tree["predictor"], "other_week")}
        tree["export"] = shop.end(shop.pending_export(tree["forecast"]))
        tree["export_of_before"] = lifecycle.fail(shop.records, shop.pending_export(tree["forecast"], "old"), "no").arn
    member = "".join(word.title() for word in noun.split("_")) + "Arn"
    for _ in range(2):
        getattr(shop.client, f"delete_{noun}")(**{member: tree[parent]})
    found = statuses(shop, tree)
    assert {name for name, status in found.items() if status == "DELETE_PENDING"} == below | {parent}
    assert [job["Arn"] for job in started_jobs() if job["Action"] == "delete"] == [tree[parent]]


@pytest.mark.parametrize("noun", ["forecast", "predictor", "explainability"])
def test_what_others_were_made_from_stays(shop: Shop, tree: dict[str, str], refused: Refused, noun: str) -> None:
    with refused("ResourceInUseException", "it has children, such as"):
        getattr(shop.client, f"delete_{noun}")(**{f"{noun.title()}Arn": tree[noun]})


def test_a_forecast_stays_while_it_is_exported(shop: Shop, tree: dict[str, str], refused: Refused) -> None:
    forecast = shop.forecast(tree["predictor"], "other_week")
    shop.end(shop.pending_export(forecast))
    running = shop.pending_export(forecast, "running")
    with refused("ResourceInUseException", f"{forecast}: its forecast export job {running} is CREATE_PENDING"):
        shop.client.delete_forecast(ForecastArn=forecast)


def test_a_repeated_deletion_of_a_tree_is_done_once(
    forecast: Any, shop: Shop, tree: dict[str, str], started_jobs: StartedJobs
) -> None:
    for _ in range(3):
        forecast.delete_resource_tree(ResourceArn=tree["group"])
    lifecycle.begin_deletion(shop.records, tree["group"])
    forecast.delete_resource_tree(ResourceArn=tree["group"])
    assert [job["Arn"] for job in started_jobs() if job["Action"] == "delete"] == [tree["group"]]


def test_what_is_going_by_itself_does_not_stop_the_rest(forecast: Any, shop: Shop, tree: dict[str, str]) -> None:
    forecast.delete_forecast_export_job(ForecastExportJobArn=tree["export"])
    lifecycle.begin_deletion(shop.records, tree["export"])
    forecast.delete_resource_tree(ResourceArn=tree["predictor"])
    assert statuses(shop, tree)["forecast"] == "DELETE_PENDING"
    assert statuses(shop, tree)["export"] == "DELETE_IN_PROGRESS"


def test_a_tree_with_a_running_job_stays_whole(
    forecast: Any, shop: Shop, tree: dict[str, str], refused: Refused
) -> None:
    running = shop.pending_export(tree["forecast"], "running")
    before = statuses(shop, tree)
    for root in ("group", "predictor", "forecast"):
        with refused("ResourceInUseException", f"its forecast export job {running} is CREATE_PENDING"):
            forecast.delete_resource_tree(ResourceArn=tree[root])
    assert statuses(shop, tree) == before


def test_the_imports_of_a_dataset_stay_while_a_predictor_learns_from_them(
    forecast: Any, shop: Shop, tree: dict[str, str], refused: Refused
) -> None:
    training = shop.pending_auto_predictor(tree["group"], "training")
    with refused("ResourceInUseException", f"{training} is being created from its data"):
        forecast.delete_resource_tree(ResourceArn=tree["dataset"])
    assert statuses(shop, tree)["dataset"] == "ACTIVE"


def test_a_child_that_slips_in_saves_the_tree(
    forecast: Any, shop: Shop, tree: dict[str, str], refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {name: shop.records.get(arn) for name, arn in tree.items()}
    apply = Records.apply
    others = iter([lambda: shop.pending_export(tree["forecast"], "late")])  # between the look at the tree and the marks

    def apply_late(records: Records, changes: Any) -> None:
        next(others, lambda: None)()
        apply(records, changes)

    monkeypatch.setattr(Records, "apply", apply_late)
    with refused("ResourceInUseException", "/late is CREATE_PENDING"):
        forecast.delete_resource_tree(ResourceArn=tree["group"])
    assert {name: shop.records.get(arn) for name, arn in tree.items()} == before


def test_a_large_tree_is_marked_in_several_transactions(forecast: Any, shop: Shop) -> None:
    dataset = shop.dataset()
    for number in range(105):
        shop.imported(dataset, f"day_{number}")
    forecast.delete_resource_tree(ResourceArn=dataset)
    found = {record.status for record in shop.records.children_of(dataset)}
    assert found == {"DELETE_PENDING"} == {shop.records.get(dataset).status}


def test_what_does_not_exist_has_no_tree(forecast: Any, refused: Refused, tree: dict[str, str]) -> None:
    for arn in (f"{tree['group']}x", "arn:aws:forecast:us-east-1:123456789012:unheard-of/x"):
        with refused("ResourceNotFoundException", f"No resource found {arn}"):
            forecast.delete_resource_tree(ResourceArn=arn)
