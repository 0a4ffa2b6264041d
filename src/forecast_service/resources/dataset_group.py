"""Dataset groups: up to three datasets of one domain, at most one of each type."""

from forecast_service.records.errors import InvalidInputException, ResourceInUseException, ResourceNotFoundException
from forecast_service.records.table import Record, StatusConflictError, now
from forecast_service.resources.kind import ControlPlane, Document, Draft, ResourceKind, nothing_more, require_active


def draft(control_plane: ControlPlane, request: Document) -> Draft:
    """A group is ACTIVE at once."""
    check_datasets(control_plane, request.get("DatasetArns", []), request["Domain"])
    whole: Document = {"DatasetArns": []} | request
    record = control_plane.new_record("dataset_group", request["DatasetGroupName"], whole)
    record.status = "ACTIVE"
    return Draft(record)


def update(control_plane: ControlPlane, request: Document) -> Document:
    """UpdateDatasetGroup: the list of datasets becomes the one given."""
    group = control_plane.get("dataset_group", request["DatasetGroupArn"])
    require_active(group, "update the dataset group")
    check_datasets(control_plane, request["DatasetArns"], group.request["Domain"])
    changed = group.request | {"DatasetArns": request["DatasetArns"]}
    try:
        control_plane.records.update(group.arn, {"ACTIVE"}, request=changed, last_modification_time=now())
    except StatusConflictError as conflict:
        if conflict.status is None:
            raise ResourceNotFoundException(group.arn) from conflict
        raise ResourceInUseException(f"Cannot update the dataset group: {conflict}, and must be ACTIVE") from conflict
    return {}


def check_datasets(control_plane: ControlPlane, arns: list[str], domain: str) -> None:
    """Refuse datasets that do not exist, are of another domain, or of a type that another one of them has."""
    datasets = datasets_of(control_plane, arns)
    for dataset in datasets:
        if dataset.request["Domain"] != domain:
            found = f"{dataset.arn} is of domain {dataset.request['Domain']}"
            raise InvalidInputException(f"The datasets of a group have its domain: {found}, the group is of {domain}")
    types = [dataset.request["DatasetType"] for dataset in datasets]
    for dataset_type in types:
        if types.count(dataset_type) > 1:
            raise InvalidInputException(f"A dataset group holds one dataset of each type: found two {dataset_type}")


def datasets_of(control_plane: ControlPlane, arns: list[str]) -> list[Record]:
    """The datasets of these ARNs, in their order. InvalidInputException lists those that do not exist."""
    found, missing = [], []
    for arn in arns:
        try:
            found.append(control_plane.get("dataset", arn))
        except ResourceNotFoundException:
            missing.append(arn)
    if missing:
        raise InvalidInputException(f"Dataset arns: [{', '.join(missing)}] are not found")
    return found


KIND = ResourceKind(
    kind="dataset_group",
    noun="DatasetGroup",
    plural="DatasetGroups",
    creates={"CreateDatasetGroup": draft},
    describes={"DescribeDatasetGroup": nothing_more},
    has_job=False,
    operations={"UpdateDatasetGroup": update},
)
