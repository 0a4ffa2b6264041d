"""Dataset groups: up to three datasets of one domain, at most one of each type."""

from forecast_service.records.errors import InvalidInputException, ResourceInUseException, ResourceNotFoundException
from forecast_service.records.record import JsonObject, Record, StatusConflictError, now
from forecast_service.resources.resource_kind import Draft, RequestContext, ResourceKind, nothing_more, require_active


def draft(context: RequestContext, request: JsonObject) -> Draft:
    """A group is ACTIVE at once."""
    check_datasets(context, request.get("DatasetArns", []), request["Domain"])
    whole: JsonObject = {"DatasetArns": []} | request
    record = context.new_record("dataset_group", request["DatasetGroupName"], whole)
    record.status = "ACTIVE"
    return Draft(record)


def update(context: RequestContext, request: JsonObject) -> JsonObject:
    """UpdateDatasetGroup: the list of datasets becomes the one given."""
    group = context.get("dataset_group", request["DatasetGroupArn"])
    require_active(group, "update the dataset group")
    check_datasets(context, request["DatasetArns"], group.request["Domain"])
    changed = group.request | {"DatasetArns": request["DatasetArns"]}
    try:
        context.records.update(group.arn, {"ACTIVE"}, request=changed, last_modification_time=now())
    except StatusConflictError as conflict:
        if conflict.status is None:
            raise ResourceNotFoundException(group.arn) from conflict
        raise ResourceInUseException(f"Cannot update the dataset group: {conflict}, and must be ACTIVE") from conflict
    return {}


def check_datasets(context: RequestContext, arns: list[str], domain: str) -> None:
    """Refuse datasets that do not exist, are of another domain, or of a type that another one of them has."""
    datasets = datasets_of(context, arns)
    for dataset in datasets:
        if dataset.request["Domain"] != domain:
            found = f"{dataset.arn} is of domain {dataset.request['Domain']}"
            raise InvalidInputException(f"The datasets of a group have its domain: {found}, the group is of {domain}")
    types = [dataset.request["DatasetType"] for dataset in datasets]
    for dataset_type in types:
        if types.count(dataset_type) > 1:
            raise InvalidInputException(f"A dataset group holds one dataset of each type: found two {dataset_type}")


def datasets_of(context: RequestContext, arns: list[str]) -> list[Record]:
    """The datasets of these ARNs, in their order. InvalidInputException lists those that do not exist.

    No group holds four, of which two would be of one type: what stands behind four makes no difference.
    """
    datasets, missing = [], []
    for arn in arns[:4]:
        try:
            datasets.append(context.get("dataset", arn))
        except ResourceNotFoundException:
            missing.append(arn)
    if missing:
        reasons = filter(None, map(context.arn_scope.elsewhere, missing))
        reason = "".join(f": {each}" for each in [*reasons][:1])
        raise InvalidInputException(f"Dataset arns: [{', '.join(missing)}] are not found{reason}")
    return datasets


KIND = ResourceKind(
    name="dataset_group",
    noun="DatasetGroup",
    plural="DatasetGroups",
    creates={"CreateDatasetGroup": draft},
    describes={"DescribeDatasetGroup": nothing_more},
    operations={"UpdateDatasetGroup": update},
)
