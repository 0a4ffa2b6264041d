"""Rules between the members of params.json: datasets, schemas, deletion. ``requests`` checks each member alone."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from forecast_contract.domains import DOMAINS, NUMBER_TYPES, required_fields
from forecast_language import said
from forecast_pipeline.parameters.predictor_rules import predictor_problems
from forecast_pipeline.parameters.problems import refused, shown


def rule_problems(tree: dict[str, Any]) -> list[str]:
    """One clause per broken rule; the tree's members are known to have the right form."""
    return [*_dataset_problems(tree), *predictor_problems(tree), *_deletion_problems(tree)]


def _deletion_problems(tree: dict[str, Any]) -> Iterator[str]:
    if tree.get("PerformDelete") and (tree.get("AutoPredictor") or {}).get("MonitorConfig"):
        yield said(
            "PerformDelete: found true, wanted false where AutoPredictor has a MonitorConfig: the monitor would be"
            " deleted with the predictor before it has seen newer data"
        )


def _dataset_problems(tree: dict[str, Any]) -> Iterator[str]:
    datasets = tree["Datasets"]
    for member in ("DatasetType", "DatasetName"):
        for value, count in Counter(dataset[member] for dataset in datasets).items():
            if count > 1:
                yield said(
                    "Datasets: found {count} with {member} {value}, wanted one", count=count, member=member, value=value
                )
    if all(dataset["DatasetType"] != "TARGET_TIME_SERIES" for dataset in datasets):
        yield said("Datasets: found no DatasetType TARGET_TIME_SERIES, wanted one")
    domain = tree["DatasetGroup"]["Domain"]
    for number, dataset in enumerate(datasets):
        if dataset["Domain"] != domain:
            wanted = said("{domain} as in DatasetGroup", domain=shown(domain))
            yield refused(f"Datasets[{number}].Domain", shown(dataset["Domain"]), wanted)
        else:
            yield from _schema_problems(f"Datasets[{number}]", dataset)


def _schema_problems(path: str, dataset: dict[str, Any]) -> Iterator[str]:
    """Amazon requires these fields; their order is free and is that of the columns."""
    attributes = {entry["AttributeName"]: entry["AttributeType"] for entry in dataset["Schema"]["Attributes"]}
    if len(attributes) < len(dataset["Schema"]["Attributes"]):
        yield said("{path}.Schema.Attributes: found an AttributeName twice, wanted each once", path=path)
    for name, types in required_fields(dataset["DatasetType"], dataset["Domain"]).items():
        if name not in attributes:
            wanted = said("{name} among them", name=name)
            yield refused(f"{path}.Schema.Attributes", ", ".join(attributes), wanted)
        elif attributes[name] not in types:
            found = said("{name} as {type}", name=name, type=attributes[name])
            yield refused(f"{path}.Schema.Attributes", found, said(" or ").join(types))
    if dataset["DatasetType"] == "RELATED_TIME_SERIES":
        yield from _related_problems(path, dataset, attributes)


def _related_problems(path: str, dataset: dict[str, Any], attributes: dict[str, str]) -> Iterator[str]:
    target = DOMAINS[dataset["Domain"]].target
    if target in attributes:
        yield refused(f"{path}.Schema.Attributes", target, said("it in the target's schema alone"))
    elif not {*NUMBER_TYPES} & set(attributes.values()):
        wanted = said("a number (float or integer) besides")
        yield refused(f"{path}.Schema.Attributes", ", ".join(attributes), wanted)
    if not dataset.get("DataFrequency"):
        yield said("{path}: missing, and {reason} needs it", path=f"{path}.DataFrequency", reason="RELATED_TIME_SERIES")
