"""The explainability of a predictor: its conditions, and the explainability that ``ExplainPredictor`` asks for."""

from forecast_contract.domains import ITEM_METADATA, RELATED_TIME_SERIES
from forecast_service.records.errors import (
    InvalidInputException,
    ResourceAlreadyExistsException,
    ResourceNotFoundException,
)
from forecast_service.records.kinds import KINDS
from forecast_service.records.record import JsonObject, Record
from forecast_service.resources.resource_kind import RequestContext
from forecast_service.resources.training_data import data_inputs, imports_of

# Beside an explainability that ended so another can be created: "retry", says the guide.
_ENDED_WITHOUT_SCORES = frozenset({"CREATE_FAILED", "CREATE_STOPPED"})
_LONGEST_NAME = 63
_EVERYTHING = {"TimeSeriesGranularity": "ALL", "TimePointGranularity": "ALL"}


def check_attributes(predictor: Record, asker: str) -> None:
    """Refuse a predictor that learns from nothing but the target: there would be nothing to score.

    ``asker`` names what asks for scores: ``ExplainPredictor``, or an explainability.
    """
    holidays = predictor.request.get("DataConfig", {}).get("AdditionalDatasets")
    if RELATED_TIME_SERIES not in predictor.inputs and ITEM_METADATA not in predictor.inputs and not holidays:
        wanted = "a RELATED_TIME_SERIES or ITEM_METADATA dataset that holds data, or holidays"
        raise InvalidInputException(f"{asker} needs attributes to explain: {wanted}; the predictor has none")


def refuse_second(context: RequestContext, predictor: Record) -> None:
    """Refuse a second explainability of a predictor. The error names the first, and clients read its ARN there."""
    present = _explainability_of(context, predictor)
    if present and present.status not in _ENDED_WITHOUT_SCORES:
        raise ResourceAlreadyExistsException(f"{KINDS[present.kind].noun} of this predictor", present.arn)


def dependent(context: RequestContext, predictor: Record) -> Record:
    """The explainability that comes with a predictor about to be created. Its job starts when training has ended.

    Its name is the predictor's with that ULID behind it, which no other explainability can have.
    """
    check_attributes(predictor, "ExplainPredictor")
    _, _, unique = predictor.arn.rpartition("_")
    name = f"{predictor.name[: _LONGEST_NAME - len(unique) - 1]}_{unique}"
    request = {
        "ExplainabilityName": name,
        "ResourceArn": predictor.arn,
        "ExplainabilityConfig": _EVERYTHING,
        "EnableVisualization": False,
    }
    record = context.new_record("explainability", name, request)
    record.parents = {"predictor": predictor.arn}
    record.inputs = data_inputs(imports_of(predictor))
    return record


def imports_still_there(context: RequestContext, explained: Record) -> list[Record]:
    """The records of those imports. Raises InvalidInputException where one is deleted: scores are made from data."""
    try:
        return [context.get("dataset_import_job", arn) for arn in imports_of(explained).values()]
    except ResourceNotFoundException as error:
        found = f"Cannot explain {explained.arn}: {error.message}, an import whose data it was made from"
        raise InvalidInputException(found) from error


def info(context: RequestContext, predictor: Record) -> JsonObject:
    """``ExplainabilityInfo`` of DescribeAutoPredictor, where there is an explainability."""
    present = _explainability_of(context, predictor)
    if present is None:
        return {}
    return {"ExplainabilityInfo": {"ExplainabilityArn": present.arn, "Status": present.status}}


def _explainability_of(context: RequestContext, predictor: Record) -> Record | None:
    """The newest: an earlier one has failed."""
    return next(iter(context.records.children_of(predictor.arn, "explainability")), None)
