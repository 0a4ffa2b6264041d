"""Whatever a request holds, the answer is an answer: never a fault of ours."""

import base64
import json
import re
from collections.abc import Callable
from functools import cache
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecast_service.api.operations import OPERATIONS
from forecast_service.api.validation import service_model
from forecast_service.records.table import Records
from tests.forecast_service.shop import Shop

HOME = "arn:aws:forecast:us-east-1:123456789012"
# Resources by the kind of their ARN. A ULID is known once its resource is made: until then "?" stands for it.
ARNS = [
    f"{HOME}:dataset/sales",
    f"{HOME}:dataset-group/shop",
    f"{HOME}:dataset-import-job/sales/first",
    f"{HOME}:predictor/legacy",
    f"{HOME}:predictor/auto_?",
    f"{HOME}:forecast/week",
    f"{HOME}:explainability/why",
    f"{HOME}:monitor/watch_?",
    f"{HOME}:what-if-analysis/week/prices_?",
    f"{HOME}:what-if-forecast/week/prices_?/dear_?",
    f"{HOME}:monitor/none",
    "arn:aws:iam::123456789012:role/data",
    "arn:aws:forecast:::algorithm/NPTS",
]
STRINGS = [
    *("a", "item_id", "timestamp", "target_value", "date", "store", "sales", "first", "week"),
    *("D", "W", "60min", "2W", "yyyy-MM-dd", "'", "0.5", ".00", "mean", "ACTIVE", "Status", "DatasetArn"),
    *("2024-04-10T00:00:00", "2024-13-01T00:00:00", "brand", "price", "2024-04-10 00:00:00", "a?b_-", "holiday", "US"),
    *("s3://bucket/x", "CSV", "PARQUET", "filling", "zero", "value", "nan", "aggregation", "backfill"),
    *("backfill_value", "arn:aws:kms:us-east-1:123456789012:key/x", "", "é", "x" * 300),
]
WILD = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.just([]), st.just({}))


@cache
def values(shape: Shape, member: str = "") -> st.SearchStrategy[Any]:
    """Values for a member of a shape: nearly all of the right type, so that they get to the rules behind the types."""
    return st.integers(0, 19).flatmap(lambda number: fitting(shape, member) if number else WILD)


@cache
def fitting(shape: Shape, member: str) -> st.SearchStrategy[Any]:
    if isinstance(shape, StructureShape):
        members = {name: values(inner, name) for name, inner in shape.members.items()}
        required = {name: members.pop(name) for name in shape.required_members}
        return st.fixed_dictionaries(required, optional=members)
    if isinstance(shape, ListShape):
        return st.lists(values(shape.member, member), min_size=shape.metadata.get("min", 0), max_size=3)
    if isinstance(shape, MapShape):
        keys = st.sampled_from(matching(shape.key, "key"))
        return st.dictionaries(keys, values(shape.value, "value"), min_size=1, max_size=3)
    if isinstance(shape, StringShape):
        return st.sampled_from(matching(shape, member))
    return st.booleans() if shape.type_name == "boolean" else st.integers(1, 60)


def matching(shape: StringShape, member: str) -> list[str]:
    """Strings that a member may have by its pattern; ARNs of the right kind, where the name of the member tells."""
    if member == "RoleArn":
        return ARNS[-2:-1]
    if shape.name in ("Arn", "LongArn"):
        kind = re.sub("(?<!^)([A-Z])", r"-\1", member.removesuffix("s").removesuffix("Arn").removeprefix("Reference"))
        return [arn for arn in ARNS if f":{kind.lower()}/" in arn] or ARNS
    pattern = re.compile(shape.metadata.get("pattern", ".*").replace("\\p{L}\\p{Z}\\p{N}", r"\w"))
    return list(shape.enum) or [text for text in STRINGS if pattern.fullmatch(text)]


@pytest.fixture
def world(shop: Shop) -> dict[str, str]:
    """Makes the resources that ``ARNS`` names, so that requests get past the look-up of their parents: name -> ARN."""
    dataset = shop.dataset()
    shop.imported(dataset)
    group = shop.group(dataset, shop.imported_prices(), shop.imported_items())
    shop.legacy_predictor(group)
    auto = shop.auto_predictor(group)
    forecast = shop.forecast(auto)
    shop.explainability(forecast)
    analysis = shop.what_if_analysis(forecast)
    made = [auto, shop.monitor(auto), analysis, shop.what_if_forecast(analysis)]
    return {next(known for known in ARNS if is_of(arn, known)): arn for arn in made}


def is_of(arn: str, known: str) -> bool:
    """Whether an ARN is what one of ``ARNS`` stands for."""
    return re.fullmatch(re.escape(known).replace(r"\?", "[0-9A-Z]{26}"), arn) is not None


def requests() -> st.SearchStrategy[tuple[str, Any]]:
    """An operation and what may be its request."""
    model = service_model("forecast")
    return st.one_of(
        [
            st.tuples(st.just(name), values(model.operation_model(name).input_shape))
            for name in sorted(set(OPERATIONS) & set(model.operation_names))
        ]
    )


def test_no_request_is_a_fault(
    world: dict[str, str], load_function: Callable[[str], ModuleType], function_context: SimpleNamespace
) -> None:
    handler = load_function("forecast_api").lambda_handler

    @settings(max_examples=300, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(requests())
    def try_one(call: tuple[str, dict[str, Any]]) -> None:
        name, request = call
        body = json.dumps(request)
        for known, arn in world.items():
            body = body.replace(f'"{known}"', f'"{arn}"')
        event = {"headers": {"x-amz-target": f"AmazonForecast.{name}"}, "body": body}
        response = handler(event, function_context)
        assert response["statusCode"] in (200, 400), (name, request, response)

    try_one()


GROUP = '{"DatasetGroupName": %s, "Domain": "CUSTOM"}'
TAGGED = '{"DatasetGroupName": "tagged", "Domain": "CUSTOM", "Tags": [{"Key": "team", "Value": %s}]}'


@pytest.mark.parametrize(
    "body",
    [
        b"\x00\xff\xfe\x80",
        b'{"DatasetGroupName": "cut o',
        (GROUP % '"\xe9"').encode("latin-1"),
        b"[" * 100_000,
        b'{"a":' * 100_000,
        (GROUP % f'"{"a" * 10_000_000}"').encode(),
        (GROUP % ("9" * 10_000)).encode(),
        (GROUP % "1e999").encode(),
        (GROUP % "NaN").encode(),
        (GROUP % r'"\ud800"').encode(),
        (GROUP % r'"a\u0000"').encode(),
        (GROUP % '"\'; DROP TABLE records; --"').encode(),
        (GROUP % '"../../etc/passwd"').encode(),
        (TAGGED % r'"\ud800"').encode(),
        (TAGGED % r'"\u0000"').encode(),
    ],
    ids=lambda body: repr(body[:24]),
)
def test_no_body_is_a_fault_and_none_of_these_makes_anything(
    load_function: Callable[[str], ModuleType], function_context: SimpleNamespace, records: Records, body: bytes
) -> None:
    handler = load_function("forecast_api").lambda_handler
    event = {
        "headers": {"x-amz-target": "AmazonForecast.CreateDatasetGroup"},
        "body": base64.b64encode(body).decode(),
        "isBase64Encoded": True,
    }
    response = handler(event, function_context)
    assert response["statusCode"] == 400, response
    assert json.loads(response["body"])["__type"] in ("SerializationException", "ValidationException")
    assert records.of_kind("dataset_group") == []
