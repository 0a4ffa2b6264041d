"""Tags of a resource: at its creation, and later."""

from typing import Any

import pytest

from forecast_service.records.table import Records
from tests.forecast_service.api_client import CREATED_BY, Refused
from tests.forecast_service.shop import Shop


@pytest.fixture
def group(forecast: Any) -> str:
    tags = [{"Key": "team", "Value": "sales"}, {"Key": "run", "Value": "1"}]
    return forecast.create_dataset_group(DatasetGroupName="g", Domain="CUSTOM", Tags=tags)["DatasetGroupArn"]


def tags_of(forecast: Any, arn: str) -> dict[str, str]:
    """Those that were set."""
    *tags, created_by = forecast.list_tags_for_resource(ResourceArn=arn)["Tags"]
    assert created_by == CREATED_BY
    return {tag["Key"]: tag["Value"] for tag in tags}


def test_tags_of_the_creation_are_listed(forecast: Any, group: str) -> None:
    assert tags_of(forecast, group) == {"team": "sales", "run": "1"}


def test_a_resource_without_tags_lists_none(forecast: Any, shop: Shop) -> None:
    assert tags_of(forecast, shop.dataset()) == {}


def test_tags_are_added_replaced_and_removed(forecast: Any, group: str) -> None:
    forecast.tag_resource(ResourceArn=group, Tags=[{"Key": "run", "Value": "2"}, {"Key": "Run", "Value": ""}])
    assert tags_of(forecast, group) == {"team": "sales", "run": "2", "Run": ""}
    forecast.untag_resource(ResourceArn=group, TagKeys=["run", "nothing"])
    assert tags_of(forecast, group) == {"team": "sales", "Run": ""}


def test_who_created_a_resource_stays_its_last_tag(forecast: Any, group: str, records: Records) -> None:
    forecast.untag_resource(ResourceArn=group, TagKeys=[CREATED_BY["Key"]])
    with pytest.raises(forecast.exceptions.InvalidInputException, match="must not start with aws:"):
        forecast.tag_resource(ResourceArn=group, Tags=[{"Key": CREATED_BY["Key"], "Value": "me"}])
    assert tags_of(forecast, group) == {"team": "sales", "run": "1"}
    assert records.get(group).created_by == CREATED_BY["Value"]


def test_tags_move_no_time(forecast: Any, group: str) -> None:
    before = forecast.describe_dataset_group(DatasetGroupArn=group)["LastModificationTime"]
    forecast.tag_resource(ResourceArn=group, Tags=[{"Key": "x", "Value": "y"}])
    assert forecast.describe_dataset_group(DatasetGroupArn=group)["LastModificationTime"] == before


def test_a_resource_has_50_tags_at_most(forecast: Any, group: str, refused: Refused) -> None:
    forecast.tag_resource(ResourceArn=group, Tags=[{"Key": str(number), "Value": ""} for number in range(48)])
    with refused("LimitExceededException", "50 tags; found 51"):
        forecast.tag_resource(ResourceArn=group, Tags=[{"Key": "one more", "Value": ""}])
    forecast.tag_resource(ResourceArn=group, Tags=[{"Key": "run", "Value": "the 50 it has"}])


def test_unknown_resources_have_no_tags(forecast: Any, refused: Refused) -> None:
    arn = "arn:aws:forecast:us-east-1:123456789012:dataset-group/none"
    for call in (
        lambda: forecast.list_tags_for_resource(ResourceArn=arn),
        lambda: forecast.tag_resource(ResourceArn=arn, Tags=[]),
        lambda: forecast.untag_resource(ResourceArn=arn, TagKeys=[]),
    ):
        with refused("ResourceNotFoundException", f"No resource found {arn}"):
            call()


def test_two_calls_at_once_lose_nothing(
    forecast: Any, records: Records, group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply = Records.apply
    others = iter([lambda: forecast.tag_resource(ResourceArn=group, Tags=[{"Key": "second", "Value": ""}])])

    def apply_late(self: Records, changes: Any) -> None:
        next(others, lambda: None)()  # between the read of the tags and their write
        apply(self, changes)

    monkeypatch.setattr(Records, "apply", apply_late)
    forecast.tag_resource(ResourceArn=group, Tags=[{"Key": "first", "Value": ""}])
    assert set(tags_of(forecast, group)) == {"team", "run", "first", "second"}


def test_a_resource_that_goes_meanwhile_is_not_found(
    forecast: Any, records: Records, group: str, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply = Records.apply

    def apply_late(self: Records, changes: Any) -> None:
        records.delete(group)
        apply(self, changes)

    monkeypatch.setattr(Records, "apply", apply_late)
    with refused("ResourceNotFoundException", group):
        forecast.untag_resource(ResourceArn=group, TagKeys=["run"])
