"""Dataset groups: which datasets go together."""

import pytest

from forecast_service.records.table import Records


@pytest.fixture
def related(shop):
    attributes = {"item_id": "string", "timestamp": "timestamp", "price": "float"}
    return shop.dataset("prices", attributes, DatasetType="RELATED_TIME_SERIES")


def datasets(forecast, group):
    return forecast.describe_dataset_group(DatasetGroupArn=group)["DatasetArns"]


def test_a_group_may_be_empty_and_filled_later(forecast, shop, related):
    group = shop.group()
    assert datasets(forecast, group) == []
    wanted = [shop.dataset(), related]
    answer = forecast.update_dataset_group(DatasetGroupArn=group, DatasetArns=wanted)
    assert set(answer) == {"ResponseMetadata"}
    assert datasets(forecast, group) == wanted
    forecast.update_dataset_group(DatasetGroupArn=group, DatasetArns=[])
    assert datasets(forecast, group) == []


def test_an_update_moves_the_modification_time_only(forecast, shop):
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
    def put(self, forecast, shop, operation):
        if operation == "create":
            return lambda *arns: shop.group(*arns, name="other")
        group = shop.group(name="other")
        return lambda *arns: forecast.update_dataset_group(DatasetGroupArn=group, DatasetArns=list(arns))

    def test_datasets_that_do_not_exist_are_named(self, shop, refused, put):
        dataset = shop.dataset()
        with refused("InvalidInputException", f"Dataset arns: [{dataset}x, {dataset}y] are not found"):
            put(dataset, f"{dataset}x", f"{dataset}y")

    def test_an_arn_of_another_kind_is_no_dataset(self, shop, refused, put):
        group = shop.group(name="first")
        with refused("InvalidInputException", f"Dataset arns: [{group}] are not found"):
            put(group)

    def test_datasets_have_the_domain_of_the_group(self, shop, refused, put):
        attributes = {"item_id": "string", "timestamp": "timestamp", "demand": "float"}
        with refused("InvalidInputException", "is of domain RETAIL, the group is of CUSTOM"):
            put(shop.dataset(attributes=attributes, Domain="RETAIL"))

    def test_each_type_comes_once(self, shop, refused, put):
        with refused("InvalidInputException", "found two TARGET_TIME_SERIES"):
            put(shop.dataset("a"), shop.dataset("b"))


def test_a_group_that_is_going_is_not_updated(forecast, shop, refused):
    group = shop.group()
    forecast.delete_dataset_group(DatasetGroupArn=group)
    with refused("ResourceInUseException", "DELETE_PENDING"):
        forecast.update_dataset_group(DatasetGroupArn=group, DatasetArns=[])


def test_deleting_a_dataset_leaves_the_group_as_it_is(forecast, shop):
    dataset = shop.dataset()
    group = shop.group(dataset)
    forecast.delete_dataset(DatasetArn=dataset)
    shop.records.delete(dataset)
    assert datasets(forecast, group) == [dataset]


def test_lists_show_name_and_times(forecast, shop):
    group = shop.group()
    (summary,) = forecast.list_dataset_groups()["DatasetGroups"]
    assert (summary["DatasetGroupArn"], summary["DatasetGroupName"]) == (group, "shop")
    assert set(summary) == {"DatasetGroupArn", "DatasetGroupName", "CreationTime", "LastModificationTime"}


def test_an_update_that_a_deletion_overtakes_is_refused(forecast, shop, refused, monkeypatch):
    group = shop.group()
    apply = Records.apply

    def apply_late(records, changes):
        monkeypatch.setattr(Records, "apply", apply)
        forecast.delete_dataset_group(DatasetGroupArn=group)
        apply(records, changes)

    monkeypatch.setattr(Records, "apply", apply_late)
    with refused("ResourceInUseException", "DELETE_PENDING"):
        forecast.update_dataset_group(DatasetGroupArn=group, DatasetArns=[])
