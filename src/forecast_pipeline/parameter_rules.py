"""What the members of params.json owe one another, beyond the form of each."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from forecast_pipeline.parameter_problems import shown


class DomainFields(NamedTuple):
    """The fields that Amazon Forecast requires of a domain's datasets."""

    identifier: str
    target: str


DOMAINS = {
    "RETAIL": DomainFields("item_id", "demand"),
    "CUSTOM": DomainFields("item_id", "target_value"),
    "INVENTORY_PLANNING": DomainFields("item_id", "demand"),
    "EC2_CAPACITY": DomainFields("instance_type", "number_of_instances"),
    "WORK_FORCE": DomainFields("workforce_type", "workforce_demand"),
    "WEB_TRAFFIC": DomainFields("item_id", "value"),
    "METRICS": DomainFields("metric_name", "metric_value"),
}


MINUTES = {"min": 1, "H": 60, "D": 1440, "W": 10_080, "M": 43_830, "Y": 525_960}


def rule_problems(tree: dict[str, Any]) -> list[str]:
    """One clause per broken rule; the tree's members are known to have the right form."""
    return [
        *_predictor_problems(tree),
        *_dataset_problems(tree),
        *_dimension_problems(tree),
        *_frequency_problems(tree),
    ]


def _predictor_problems(tree: dict[str, Any]) -> Iterator[str]:
    given = [member for member in ("Predictor", "AutoPredictor") if tree.get(member) is not None]
    if len(given) != 1:
        yield f"Predictor and AutoPredictor: found {' and '.join(given) or 'neither'}, wanted one of the two"
    predictor = tree.get("Predictor")
    if predictor and bool(predictor.get("PerformAutoML")) == bool(predictor.get("AlgorithmArn")):
        found = "both" if predictor.get("AlgorithmArn") else "neither"
        yield f"Predictor: found {found}, wanted either PerformAutoML true or an AlgorithmArn"


def _dataset_problems(tree: dict[str, Any]) -> Iterator[str]:
    datasets = tree["Datasets"]
    for member in ("DatasetType", "DatasetName"):
        for value, count in Counter(dataset[member] for dataset in datasets).items():
            if count > 1:
                yield f"Datasets: found {count} with {member} {value}, wanted one"
    if all(dataset["DatasetType"] != "TARGET_TIME_SERIES" for dataset in datasets):
        yield "Datasets: found no DatasetType TARGET_TIME_SERIES, wanted one"
    domain = tree["DatasetGroup"]["Domain"]
    for number, dataset in enumerate(datasets):
        if dataset["Domain"] != domain:
            found = shown(dataset["Domain"])
            yield f"Datasets[{number}].Domain: found {found}, wanted {shown(domain)} as in DatasetGroup"
        else:
            yield from _schema_problems(f"Datasets[{number}]", dataset)


def _schema_problems(path: str, dataset: dict[str, Any]) -> Iterator[str]:
    """Amazon requires these fields; their order is free and is that of the columns."""
    attributes = {entry["AttributeName"]: entry["AttributeType"] for entry in dataset["Schema"]["Attributes"]}
    if len(attributes) < len(dataset["Schema"]["Attributes"]):
        yield f"{path}.Schema.Attributes: found an AttributeName twice, wanted each once"
    for name, wanted in _required_fields(dataset).items():
        if name not in attributes:
            yield f"{path}.Schema.Attributes: found {', '.join(attributes)}, wanted {name} among them"
        elif attributes[name] not in wanted:
            yield f"{path}.Schema.Attributes: found {name} as {attributes[name]}, wanted {' or '.join(wanted)}"
    if dataset["DatasetType"] == "RELATED_TIME_SERIES" and not dataset.get("DataFrequency"):
        yield f"{path}.DataFrequency: missing, and RELATED_TIME_SERIES needs it"


def _required_fields(dataset: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    fields = DOMAINS[dataset["Domain"]]
    if dataset["DatasetType"] == "ITEM_METADATA":
        return {fields.identifier: ("string",)}
    required: dict[str, tuple[str, ...]] = {fields.identifier: ("string",), "timestamp": ("timestamp",)}
    if dataset["DatasetType"] == "TARGET_TIME_SERIES":
        required[fields.target] = ("float", "integer")
    return required


def _dimension_problems(tree: dict[str, Any]) -> Iterator[str]:
    member = "AutoPredictor" if tree.get("AutoPredictor") else "Predictor"
    predictor = tree.get(member) or {}
    holder = predictor if member == "AutoPredictor" else predictor.get("FeaturizationConfig", {})
    columns = [
        entry["AttributeName"]
        for dataset in tree["Datasets"]
        if dataset["DatasetType"] == "TARGET_TIME_SERIES"
        for entry in dataset["Schema"]["Attributes"]
    ]
    for dimension in holder.get("ForecastDimensions") or ():
        if columns and dimension not in columns:
            wanted = f"a field of the target's schema ({', '.join(columns)})"
            yield f"{member}: found ForecastDimensions {shown(dimension)}, wanted {wanted}"


def _frequency_problems(tree: dict[str, Any]) -> Iterator[str]:
    """The target is added up to a longer period and cannot be taken apart; related series are taken as they are."""
    for path, holder in (
        ("AutoPredictor", tree.get("AutoPredictor") or {}),
        ("Predictor.FeaturizationConfig", (tree.get("Predictor") or {}).get("FeaturizationConfig") or {}),
    ):
        wanted = holder.get("ForecastFrequency")
        for number, dataset in enumerate(tree["Datasets"]):
            data, kind = dataset.get("DataFrequency"), dataset["DatasetType"]
            if not (wanted and data):
                continue
            found = f"{path}.ForecastFrequency: found {shown(wanted)}, wanted {shown(data)}"
            if kind == "TARGET_TIME_SERIES" and _minutes(wanted) < _minutes(data):
                yield f"{found} as in Datasets[{number}].DataFrequency, or a longer period"
            if kind == "RELATED_TIME_SERIES" and _minutes(wanted) != _minutes(data):
                yield f"{found} as in Datasets[{number}].DataFrequency, since related time series are not aggregated"


def _minutes(frequency: str) -> int:
    """
    >>> _minutes("2H"), _minutes("D")
    (120, 1440)
    """
    count, unit = re.fullmatch(r"(\d*)(\D+)", frequency).groups()  # type: ignore[union-attr] # checked before
    return int(count or 1) * MINUTES[unit]
