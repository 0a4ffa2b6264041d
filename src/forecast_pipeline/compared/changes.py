"""Which parameters and which files of a run are others than in the run before, by the documents of both."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from forecast_language import counted, said
from forecast_pipeline.parameters.requests import PipelineSettings
from forecast_pipeline.runs.data_files import MOST_NAMED, changed_files
from forecast_pipeline.runs.run_names import run_name

SECTIONS = ("DatasetGroup", "Datasets", "AutoPredictor", "Predictor", "Forecast", "PerformDelete", "Pipeline")
TRAIN = "TARGET_TIME_SERIES"  # new train files are what runs are started for
LONGEST_VALUE = 40  # letters of a value in a mail


def changed_parameters(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Each member of ``params.json`` that differs between two run documents: its path, its old value, its new one.

    >>> changed_parameters({"AutoPredictor": {"ForecastHorizon": 24}}, {"AutoPredictor": {"ForecastHorizon": 30}})
    ['AutoPredictor.ForecastHorizon: 24 -> 30']
    """
    return list(_differences("", _parameters(before), _parameters(now)))


def changed_inputs(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Which files beside those under ``train/`` are new, gone or replaced; a folder's name where it is not known which.

    A dataset that only one of the runs had is a matter of the parameters.
    """
    earlier = {job["DatasetType"]: job.get("Content") for job in before.get("Imports", [])}
    return [
        sentence
        for job in now.get("Imports", [])
        if job["DatasetType"] != TRAIN and (was := earlier.get(job["DatasetType"])) and (has := job.get("Content"))
        for sentence in _changes_in(job["Path"], was, has)
    ]


def _changes_in(path: str, was: Mapping[str, Any], has: Mapping[str, Any]) -> Iterator[str]:
    if was["Bytes"] == has["Bytes"]:
        return
    folder = f"{path.rstrip('/').rpartition('/')[2]}/"
    if not was.get("Files") or not has.get("Files"):
        yield said("{folder} changed", folder=folder)
        return
    etags = [{file["Key"]: file["ETag"] for file in each["Files"]} for each in (was, has)]
    changes = list(changed_files(*etags))
    yield from changes[:MOST_NAMED]
    if len(changes) > MOST_NAMED:
        more = len(changes) - MOST_NAMED
        yield counted(
            "{number} more file in {folder} changed", "{number} more files in {folder} changed", more, folder=folder
        )


def _parameters(document: Mapping[str, Any]) -> dict[str, Any]:
    """The members of ``params.json`` that a run document holds, without the run in their names."""
    suffix = run_name("", document["Run"]["Id"]) if "Run" in document else ""
    given = {name: _without(suffix, document[name]) for name in SECTIONS if name in document}
    formats = [job["TimestampFormat"] for job in document.get("Imports", []) if "TimestampFormat" in job]
    # What a later version knows of and this document does not had its default.
    settings = PipelineSettings().model_dump(exclude={"RawData"}) | given.get("Pipeline", {})
    return given | {"TimestampFormat": formats[0] if formats else None, "Pipeline": settings}


def _without(suffix: str, value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without(suffix, each) for name, each in value.items()}
    if isinstance(value, list):
        return [_without(suffix, each) for each in value]
    return value.removesuffix(suffix) if isinstance(value, str) else value


def _differences(path: str, before: Any, now: Any) -> Iterator[str]:
    if before == now:
        return
    if isinstance(before, dict) and isinstance(now, dict):
        for name in [*before, *(each for each in now if each not in before)]:
            yield from _differences(f"{path}.{name}" if path else name, before.get(name), now.get(name))
    elif (old := _named(before)) and (new := _named(now)):
        below = [
            sentence
            for name in [*old, *(each for each in new if each not in old)]
            for sentence in _differences(f"{path}[{name}]", old.get(name), new.get(name))
        ]
        yield from below or [said("{path}: in another order", path=path)]
    else:
        yield f"{path}: {_shown(before)} -> {_shown(now)}"


def _named(values: Any) -> dict[str, Any]:
    """The objects of a list by the name that each has; {} where it is no such list."""
    if not isinstance(values, list) or not all(isinstance(each, dict) for each in values):
        return {}
    named: dict[str, Any] = {}
    for number, each in enumerate(values, start=1):
        name = next((each[member] for member in each if member.endswith("Name")), None)
        named[str(name or number)] = each
    return named


def _shown(value: Any) -> str:
    """A value as the mail writes it.

    >>> _shown(["0.1", "0.9"]), _shown("D"), _shown(None), _shown({"AttributeName": "price"})
    ('0.1, 0.9', 'D', 'not given', 'given')
    """
    if value is None:
        return said("not given")
    if isinstance(value, dict):
        return said("given")
    if isinstance(value, Sequence) and not isinstance(value, str):
        is_plain = all(not isinstance(each, dict | list) for each in value)
        text = ", ".join(map(str, value)) if is_plain else said("given")
    else:
        text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 3]}..."
