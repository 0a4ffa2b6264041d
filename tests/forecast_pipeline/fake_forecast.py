"""Amazon Forecast in memory, for the pipeline's tests: it answers the HTTP requests of a real boto3 client.

Requests were checked by botocore before they come here. Jobs stay CREATE_PENDING, and deleted resources DELETE_PENDING,
until a test says ``settle()``; ``refuse`` makes the next call of an operation fail.
"""

import io
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from botocore.awsrequest import AWSPreparedRequest, AWSResponse

ACCOUNT = "arn:aws:forecast:us-east-1:123456789012"
ULID = "01G3S1G876GRBAV467GCM9H53Q"
EPOCH = 1_767_600_000.0  # 2026-01-05T08:00:00Z, after the events' StartedAt


class Kind(NamedTuple):
    """How one kind of resource is named on the wire, and which member of its request names what it hangs on."""

    noun: str
    prefix: str
    parent: str | None = None


KINDS = (
    Kind("DatasetGroup", "dataset-group"),
    Kind("Dataset", "dataset"),
    Kind("DatasetImportJob", "dataset-import-job", "DatasetArn"),
    Kind("AutoPredictor", "predictor", "DatasetGroupArn"),
    Kind("Predictor", "predictor", "DatasetGroupArn"),
    Kind("Forecast", "forecast", "PredictorArn"),
    Kind("ForecastExportJob", "forecast-export-job", "ForecastArn"),
    Kind("PredictorBacktestExportJob", "predictor-backtest-export-job", "PredictorArn"),
    Kind("Explainability", "explainability", "ResourceArn"),
    Kind("ExplainabilityExport", "explainability-export", "ExplainabilityArn"),
    Kind("Monitor", "monitor", "ResourceArn"),
)
LISTS = {
    "ListDatasetGroups": "DatasetGroup",
    "ListDatasets": "Dataset",
    "ListPredictors": "Predictor",
    "ListForecasts": "Forecast",
    "ListDatasetImportJobs": "DatasetImportJob",
    "ListForecastExportJobs": "ForecastExportJob",
    "ListPredictorBacktestExportJobs": "PredictorBacktestExportJob",
    "ListExplainabilityExports": "ExplainabilityExport",
    "ListMonitors": "Monitor",
}
PARTS = {  # the parent that the request names, the member of the answer, and what the parent has of it
    "ListTagsForResource": ("ResourceArn", "Tags", "Tags"),
    "ListMonitorEvaluations": ("MonitorArn", "PredictorMonitorEvaluations", "Evaluations"),
}


class Refusal(Exception):  # noqa: N818  an answer of the service, not a fault of the test
    """An error that the service answers."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class FakeForecast:
    """The resources by ARN, and what was asked for."""

    def __init__(self) -> None:
        self.resources: dict[str, dict[str, Any]] = {}
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self._refusals: dict[str, Refusal] = {}
        self._clock = EPOCH

    def refuse(self, operation: str, code: str, message: str = "") -> None:
        """Fail the next call of the operation."""
        self._refusals[operation] = Refusal(code, message)

    def settle(self) -> None:
        """Let every job under way end well, and every resource being deleted be gone."""
        for arn, resource in list(self.resources.items()):
            if resource["Status"] == "DELETE_PENDING":
                del self.resources[arn]
            elif resource["Status"].startswith(("CREATE_PENDING", "CREATE_IN_PROGRESS")):
                resource["Status"] = "ACTIVE"

    def wait(self, days: float) -> None:
        """Let time go by."""
        self._clock += days * 86400

    def fail(self, kind: str, message: str) -> None:
        """Let every resource of the ARN kind end as CREATE_FAILED."""
        for arn, resource in self.resources.items():
            if arn.startswith(f"{ACCOUNT}:{kind}/"):
                resource.update(Status="CREATE_FAILED", Message=message)

    def asked(self, operation: str) -> list[dict[str, Any]]:
        """The requests of all calls of the operation."""
        return [request for called, request in self.calls if called == operation]

    def names(self) -> list[str]:
        """The ARNs without their account, in order of creation."""
        return [arn.removeprefix(f"{ACCOUNT}:") for arn in self.resources]

    def __call__(self, request: AWSPreparedRequest, **_arguments: Any) -> AWSResponse | None:
        """botocore's before-send hook: the answer to one HTTP request, None if it is another service's."""
        target = request.headers.get("X-Amz-Target", "")
        service, _, operation = (target.decode() if isinstance(target, bytes) else target).partition(".")
        if service != "AmazonForecast":
            return None
        members = json.loads(request.body)
        self.calls.append((operation, members))
        try:
            if operation in self._refusals:
                raise self._refusals.pop(operation)
            return _response(request.url, 200, self._answer(operation, members))
        except Refusal as refusal:
            return _response(request.url, 400, {"__type": refusal.code, "Message": str(refusal)})

    def _answer(self, operation: str, members: dict[str, Any]) -> dict[str, Any]:
        if operation in LISTS:
            return self._listed(operation, members)
        if operation == "UpdateDatasetGroup":
            self._existing(members["DatasetGroupArn"])["DatasetArns"] = members["DatasetArns"]
            return {}
        if operation in PARTS:
            parent, member, key = PARTS[operation]
            return {member: self._existing(members[parent]).get(key, [])}
        for kind in KINDS:
            if operation == f"Create{kind.noun}":
                return self._created(kind, members)
            if operation == f"Describe{kind.noun}":
                return self._described(next(iter(members.values())))
            if operation == f"Delete{kind.noun}":
                return self._deleted(next(iter(members.values())))
        raise AssertionError(f"the fake does not answer {operation}")

    def _created(self, kind: Kind, members: dict[str, Any]) -> dict[str, Any]:
        noun = kind.noun.removeprefix("Auto")
        name = members[f"{noun}Name"]
        parent = kind.parent and _parent_arn(kind, members)
        if parent:
            self._existing(parent)
        arn = _arn(kind, name, parent)
        for taken, resource in self.resources.items():
            if taken == arn or (kind.prefix == "predictor" and resource.get("PredictorName") == name):
                raise Refusal("ResourceAlreadyExistsException", f"A resource already exists with the arn: {taken}")
        self._clock += 1
        self.resources[arn] = {
            **members,
            f"{noun}Arn": arn,
            "Parent": parent,
            **self._group_of(kind, parent),
            "IsAutoPredictor": kind.noun == "AutoPredictor",
            "Status": "ACTIVE" if kind.parent is None else "CREATE_PENDING",
            "CreationTime": self._clock,
        }
        if kind.noun == "AutoPredictor":
            self._create_companions(members, arn)
        return {f"{noun}Arn": arn}

    def _create_companions(self, members: dict[str, Any], predictor_arn: str) -> None:
        """What comes with an auto predictor if it asks for it: an explainability under a name of the service's own."""
        wanted = {}
        if members.get("ExplainPredictor"):
            wanted["Explainability"] = f"{members['PredictorName']}_explained"
        if "MonitorConfig" in members:
            wanted["Monitor"] = members["MonitorConfig"]["MonitorName"]
        for kind in KINDS:
            if kind.noun in wanted:
                request = {f"{kind.noun}Name": wanted[kind.noun], "ResourceArn": predictor_arn}
                self.resources[predictor_arn][f"{kind.noun}Info"] = self._created(kind, request)

    def _described(self, arn: str) -> dict[str, Any]:
        """The resource; what came with it is there as long as it exists."""
        resource = dict(self._existing(arn))
        for noun in ("Explainability", "Monitor"):
            info = resource.pop(f"{noun}Info", {})
            if info.get(f"{noun}Arn") in self.resources:
                resource[f"{noun}Info"] = info | {"Status": self.resources[info[f"{noun}Arn"]]["Status"]}
        return resource

    def _existing(self, arn: str) -> dict[str, Any]:
        if arn not in self.resources:
            raise Refusal("ResourceNotFoundException", f"No resource found {arn}")
        return self.resources[arn]

    def _deleted(self, arn: str) -> dict[str, Any]:
        resource = self._existing(arn)
        if any(other["Parent"] == arn for other in self.resources.values()):
            raise Refusal("ResourceInUseException", f"{arn} has children")
        resource["Status"] = "DELETE_PENDING"
        return {}

    def _listed(self, operation: str, members: dict[str, Any]) -> dict[str, Any]:
        """One summary a page, so that whoever reads only the first page is found out."""
        noun = LISTS[operation]
        found = [
            resource
            for resource in self.resources.values()
            if next(iter(resource)) == f"{noun}Name"
            and all(self._member(resource, entry["Key"]) == entry["Value"] for entry in members.get("Filters", []))
        ]
        page = int(members.get("NextToken", "0"))
        answer: dict[str, Any] = {operation.removeprefix("List"): found[page : page + 1]}
        if page + 1 < len(found):
            answer["NextToken"] = str(page + 1)
        return answer

    def _group_of(self, kind: Kind, parent: str | None) -> dict[str, Any]:
        """The dataset group that summaries of predictors and forecasts name."""
        if parent is None or kind.prefix not in ("predictor", "forecast"):
            return {}
        return {"DatasetGroupArn": self.resources[parent]["Parent"] if kind.prefix == "forecast" else parent}

    def _member(self, resource: dict[str, Any], key: str) -> Any:
        """A predictor is listed by its dataset group, an export of an explainability by what was explained."""
        return self.resources[resource["Parent"]]["Parent"] if key == "ResourceArn" else resource["Parent"]


def _parent_arn(kind: Kind, members: dict[str, Any]) -> str:
    holder = {"AutoPredictor": "DataConfig", "Predictor": "InputDataConfig"}.get(kind.noun)
    return str((members[holder] if holder else members)[kind.parent])


def _arn(kind: Kind, name: str, parent: str | None) -> str:
    if kind.noun == "AutoPredictor":
        return f"{ACCOUNT}:predictor/{name}_{ULID}"
    if kind.noun in ("DatasetImportJob", "ForecastExportJob", "PredictorBacktestExportJob", "ExplainabilityExport"):
        parent_name = str(parent).partition("/")[2].removesuffix(f"_{ULID}")
        return f"{ACCOUNT}:{kind.prefix}/{parent_name}/{name}"
    return f"{ACCOUNT}:{kind.prefix}/{name}"


class _Body(io.BytesIO):
    def stream(self, **_arguments: Any) -> Iterator[bytes]:
        yield self.read()


def _response(url: str, status: int, document: dict[str, Any]) -> AWSResponse:
    headers = {"Content-Type": "application/x-amz-json-1.1"}
    return AWSResponse(url, status, headers, _Body(json.dumps(document).encode()))
