"""ARNs: the forms that clients build by themselves."""

import re

import pytest

from forecast_service.records import arn
from forecast_service.records.arn import ArnScope
from forecast_service.records.kinds import KINDS

SCOPE = ArnScope.of_function("arn:aws-cn:lambda:cn-north-1:123456789012:function:stack-forecast-api")


def test_the_scope_is_that_of_the_function() -> None:
    assert (SCOPE.partition, SCOPE.region, SCOPE.account) == ("aws-cn", "cn-north-1", "123456789012")


def test_a_resource_is_named_by_type_and_name() -> None:
    assert SCOPE.arn("dataset_group", "shop") == "arn:aws-cn:forecast:cn-north-1:123456789012:dataset-group/shop"


def test_a_job_has_the_name_of_its_parent_before_its_own() -> None:
    assert SCOPE.arn("dataset_import_job", "sales", "first").endswith(":dataset-import-job/sales/first")


def test_every_kind_is_read_back_from_its_arn() -> None:
    for kind in KINDS:
        assert arn.kind_of(SCOPE.arn(kind, "a", "b")) == kind


def test_arns_of_other_services_and_types_have_no_kind() -> None:
    for text in ("", "sales", "arn:aws:s3:::bucket/dataset", "arn:aws:forecast:us-east-1:1:forecast-endpoint/x"):
        assert arn.kind_of(text) is None


def test_a_ulid_has_26_characters_and_sorts_by_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arn.time, "time_ns", lambda: 1_637_000_000_000 * 1_000_000)
    earlier = arn.ulid()
    monkeypatch.setattr(arn.time, "time_ns", lambda: 1_637_000_000_001 * 1_000_000)
    later = arn.ulid()
    assert earlier < later
    for text in (earlier, later):
        assert re.fullmatch("[0-7][0-9A-HJKMNP-TV-Z]{25}", text)


def test_a_ulid_begins_with_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    # The example of the ULID specification: 1469918176385 is 01ARYZ6S41.
    monkeypatch.setattr(arn.time, "time_ns", lambda: 1_469_918_176_385 * 1_000_000)
    assert arn.ulid().startswith("01ARYZ6S41")


def test_without_its_ulid_an_auto_predictor_has_the_arn_of_its_name() -> None:
    # An ARN that Amazon printed.
    taxi = "arn:aws:forecast:us-west-2:730750055343:predictor/TAXI_PREDICTOR_01FTHF1KK7E6VVR676WVN24MXC"
    assert arn.without_ulid(taxi) == "arn:aws:forecast:us-west-2:730750055343:predictor/TAXI_PREDICTOR"
    assert arn.without_ulid(arn.without_ulid(taxi)) == arn.without_ulid(taxi)
