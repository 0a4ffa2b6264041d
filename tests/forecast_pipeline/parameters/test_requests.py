"""Members, enumerations and what is required in params.json are those of Amazon's API model."""

import types
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel, Shape
from pydantic import BaseModel

from forecast_pipeline.parameters.requests import Parameters

# Amazon's members that params.json has not, by their shape: ARNs that the pipeline sets, or that would keep it from
# training anew (docs/decisions/0401-params-json.md).
LEFT_OUT = {
    "CreateDatasetGroupRequest": {"DatasetArns"},
    "CreatePredictorRequest": set(),
    "CreateAutoPredictorRequest": {"ReferencePredictorArn"},
    "CreateForecastRequest": {"PredictorArn"},
    "InputDataConfig": {"DatasetGroupArn"},
    "DataConfig": {"DatasetGroupArn"},
}
SET = {"InputDataConfig"}  # required by Amazon, and made by the pipeline where it is left out
OPERATIONS = {
    "DatasetGroup": "CreateDatasetGroup",
    "Datasets": "CreateDataset",
    "Predictor": "CreatePredictor",
    "AutoPredictor": "CreateAutoPredictor",
    "Forecast": "CreateForecast",
}


def forecast_model() -> ServiceModel:
    return ServiceModel(Loader().load_service_model("forecast", "service-2"), "forecast")


def inside(annotation: Any) -> list[Any]:
    """The types inside ``Annotated[list[X], ...] | None`` and the like."""
    if get_origin(annotation) in (Union, types.UnionType, list, Annotated):
        return [found for argument in get_args(annotation) for found in inside(argument)]
    return [annotation]


def pairs(model: type[BaseModel], shape: Any) -> Iterator[tuple[type[BaseModel], Any]]:
    """A model of ours and the shape of Amazon's that it stands for, all the way down."""
    yield model, shape
    for name, field in model.model_fields.items():
        member = shape.members[name]
        member = member.member if member.type_name == "list" else member
        for found in inside(field.annotation):
            if isinstance(found, type) and issubclass(found, BaseModel):
                yield from pairs(found, member)


def all_pairs() -> list[tuple[type[BaseModel], Any]]:
    service = forecast_model()
    found = []
    for member, operation in OPERATIONS.items():
        (model,) = (
            model
            for model in inside(Parameters.model_fields[member].annotation)
            if isinstance(model, type) and issubclass(model, BaseModel)
        )
        found += list(pairs(model, service.operation_model(operation).input_shape))
    return found


@pytest.mark.parametrize(("model", "shape"), all_pairs(), ids=lambda value: getattr(value, "name", ""))
def test_members_enumerations_and_what_is_required_are_amazons(model: type[BaseModel], shape: Shape) -> None:
    wanted = set(shape.members) - LEFT_OUT.get(shape.name, set())  # type: ignore[attr-defined]
    assert set(model.model_fields) == wanted
    for name, field in model.model_fields.items():
        member = shape.members[name]  # type: ignore[attr-defined]
        # ForecastHorizon and ForecastFrequency are required by Amazon's documentation, not by its model.
        assert field.is_required() or name in SET or name not in shape.required_members  # type: ignore[attr-defined]
        for found in inside(field.annotation):
            if get_origin(found) is Literal:
                assert list(get_args(found)) == (member.enum or member.metadata["pattern"].strip("^$").split("|"))
