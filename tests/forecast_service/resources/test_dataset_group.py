"""Dataset groups: which datasets go together."""

from collections.abc import Callable
from typing import Any

import pytest

from forecast_service.records.table import Records
from tests.forecast_service.api_client import Refused
from tests.forecast_service.shop import Shop


@pytest.fixture
def related(shop: Shop) -> str:
    attributes = {"item_id": "string", "timestamp": "timestamp", "price": "float"}
    return shop.dataset("prices", attributes, DatasetType="RELATED_TIME_SERIES")


def datasets(forecast: Any, group: str) -> list[str]:
    return forecast.describe_dataset_group(DatasetGroupArn=group)["DatasetArns"]


def test_a_group_may_be_empty_and_filled_later(forecast: Any, shop: Shop, related: str) -> None:
    group = shop.group()
    assert datasets(forecast, group) == []
    wanted = [shop.dataset(), related]
    answer = forecast.update_dataset_group(DatasetGroupArn=group, DatasetArns=wanted)
    assert set(answer) == {"ResponseMetadata"}
    assert datasets(forecast, group) == wanted
    forecast.update_dataset_group(DatasetGroupArn=group, DatasetArns=[])
    assert datasets(forecast, group) == []


def test_an_update_moves_the_modification_time_only(forecast: Any, shop: Shop) -> None:
    group = shop.group()
    before = forecast.describe_dataset_group(DatasetGroupArn=group)
    assert before["CreationTime"] == before["LastModificationTime"]
    forecast.update_dataset_group(DatasetGroupArn=group, DatasetArns=[shop.dataset()])
    after = forecast.describe_dataset_group(DatasetGroupArn=group)
    assert after["CreationTime"] == before["CreationTime"] < after["LastModificationTime"]


@pytest.mark.parametrize("operation", ["create", "update"])
class TestBothWays:
    """The rules hold for Create and for Update."""

    @pytest.fixture
    def put(self, forecast: Any, shop: Shop, operation: str) -> Callable[..., Any]:
        if operation == "create":
            return lambda *arns: shop.group(*arns, name="other")
        group = shop.group(name="other")
        return lambda *arns: forecast.update_dataset_group(DatasetGroupArn=group, DatasetArns=list(arns))

    def test_datasets_that_do_not_exist_are_named(self, shop: Shop, refused: Refused, put: Callable[..., Any]) -> None:
        dataset = shop.dataset()
        with refused("InvalidInputException", f"Dataset arns: [{dataset}x, {dataset}y] are not found"):
            put(dataset, f"{dataset}x", f"{dataset}y")

    def test_an_arn_of_another_kind_is_no_dataset(self, shop: Shop, refused: Refused, put: Callable[..., Any]) -> None:
        group = shop.group(name="first")
        with refused("InvalidInputException", f"Dataset arns: [{group}] are not found"):
            put(group)

    def test_datasets_have_the_domain_of_the_group(self, shop: Shop, refused: Refused, put: Callable[..., Any]) -> None:
        attributes = {"item_id": "string", "timestamp": "timestamp", "demand": "float"}
        with refused("InvalidInputException", "is of domain RETAIL, the group is of CUSTOM"):
            put(shop.dataset(attributes=attributes, Domain="RETAIL"))

    def test_each_type_comes_once(self, shop: Shop, refused: Refused, put: Callable[..., Any]) -> None:
        with refused("InvalidInputException", "found two TARGET_TIME_SERIES"):
            put(shop.dataset("a"), shop.dataset("b"))


def test_a_group_that_is_going_is_not_updated(forecast: Any, shop: Shop, refused: Refused) -> None:
    group = shop.group()
    forecast.delete_dataset_group(DatasetGroupArn=group)
    with refused("ResourceInUseException", "DELETE_PENDING"):
        forecast.update_dataset_group(DatasetGroupArn=group, DatasetArns=[])


def test_deleting_a_dataset_leaves_the_group_as_it_is(forecast: Any, shop: Shop) -> None:
    dataset = shop.dataset()
    group = shop.group(dataset)
    forecast.delete_dataset(DatasetArn=dataset)
    shop.records.delete(dataset)
    assert datasets(forecast, group) == [dataset]


def test_lists_show_name_and_times(forecast: Any, shop: Shop) -> None:
    group = shop.group()
    (summary,) = forecast.list_dataset_groups()["DatasetGroups"]
    assert (summary["DatasetGroupArn"], summary["DatasetGroupName"]) == (group, "shop")
    assert set(summary) == {"DatasetGroupArn", "DatasetGroupName", "CreationTime", "LastModificationTime"}


def test_an_update_that_a_deletion_overtakes_is_refused(
    forecast: Any, shop: Shop, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = shop.group()
    apply = Records.apply

    def apply_late(records: Records, changes: Any) -> None:
        monkeypatch.setattr(Records, "apply", apply)
        forecast.delete_dataset_group(DatasetGroupArn=group)
        apply(records, changes)

    monkeypatch.setattr(Records, "apply", apply_late)
    with refused("ResourceInUseException", "DELETE_PENDING"):
        forecast.update_dataset_group(DatasetGroupArn=group, DatasetArns=[])
