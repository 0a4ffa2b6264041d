"""Rules between a predictor's request and the datasets: dimensions, frequency, boundary, fillings, holidays."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from forecast_contract.domains import DOMAINS, NUMBER_TYPES
from forecast_contract.frequencies import count_and_unit, mean_seconds
from forecast_contract.holiday_countries import HOLIDAY_COUNTRIES
from forecast_contract.time_alignment import BOUNDARY_MEMBERS
from forecast_contract.transformations import (
    RELATED_TRANSFORMATIONS,
    TARGET_DEFAULTS,
    TARGET_TRANSFORMATIONS,
    AllowedValues,
)
from forecast_language import said
from forecast_pipeline.parameters.problems import one_of, refused, shown, unknown

PathAndValue = tuple[str, Any]  # the path of a member, and its value


@dataclass(frozen=True)
class Training:
    """The predictor's request and the datasets it is trained on.

    ``member`` is Predictor or AutoPredictor, ``settings`` the path and the object that hold ForecastFrequency and
    ForecastDimensions.
    """

    member: str
    request: dict[str, Any]
    settings: PathAndValue
    datasets: dict[str, PathAndValue]

    @classmethod
    def of(cls, tree: dict[str, Any]) -> "Training":
        """The one predictor of params.json; an AutoPredictor where there are, wrongly, two or none."""
        member = "Predictor" if tree.get("Predictor") and not tree.get("AutoPredictor") else "AutoPredictor"
        request = tree.get(member) or {}
        settings = (member, request)
        if member == "Predictor":
            settings = ("Predictor.FeaturizationConfig", request["FeaturizationConfig"])
        datasets = {each["DatasetType"]: (f"Datasets[{n}]", each) for n, each in enumerate(tree["Datasets"])}
        return cls(member, request, settings, datasets)

    def attributes(self, dataset_type: str) -> dict[str, str]:
        """The fields of the dataset of this type, name -> type; none if there is no such dataset."""
        if dataset_type not in self.datasets:
            return {}
        schema = self.datasets[dataset_type][1]["Schema"]
        return {entry["AttributeName"]: entry["AttributeType"] for entry in schema["Attributes"]}

    @property
    def target(self) -> str:
        """The name of the target's field."""
        return DOMAINS[self.datasets["TARGET_TIME_SERIES"][1]["Domain"]].target

    @property
    def related_numbers(self) -> list[str]:
        """The related time series by their names."""
        attributes = self.attributes("RELATED_TIME_SERIES")
        return [name for name, attribute_type in attributes.items() if attribute_type in NUMBER_TYPES]

    @property
    def transformations(self) -> Iterator[tuple[PathAndValue, list[PathAndValue]]]:
        """Each attribute that is transformed, and where its fillings stand."""
        if self.member == "AutoPredictor":
            for number, config in enumerate((self.request.get("DataConfig") or {}).get("AttributeConfigs") or ()):
                path = f"AutoPredictor.DataConfig.AttributeConfigs[{number}]"
                yield (path, config["AttributeName"]), [(f"{path}.Transformations", config["Transformations"])]
            return
        for number, config in enumerate(self.request["FeaturizationConfig"].get("Featurizations") or ()):
            path = f"Predictor.FeaturizationConfig.Featurizations[{number}]"
            inner = f"{path}.FeaturizationPipeline[0].FeaturizationMethodParameters"
            steps = config.get("FeaturizationPipeline") or ()
            yield (
                (path, config["AttributeName"]),
                [(inner, step.get("FeaturizationMethodParameters") or {}) for step in steps],
            )

    @property
    def supplements(self) -> Iterator[tuple[str, str, PathAndValue]]:
        """Each additional dataset: its path, its name, and where its value stands."""
        if self.member == "AutoPredictor":
            for number, entry in enumerate((self.request.get("DataConfig") or {}).get("AdditionalDatasets") or ()):
                path = f"AutoPredictor.DataConfig.AdditionalDatasets[{number}]"
                yield path, entry["Name"], (f"{path}.Configuration", entry.get("Configuration"))
            return
        for number, entry in enumerate((self.request.get("InputDataConfig") or {}).get("SupplementaryFeatures") or ()):
            path = f"Predictor.InputDataConfig.SupplementaryFeatures[{number}]"
            yield path, entry["Name"], (f"{path}.Value", entry["Value"])


def predictor_problems(tree: dict[str, Any]) -> Iterator[str]:
    """One clause per broken rule; the tree's members are known to have the right form."""
    yield from _request_problems(tree)
    training = Training.of(tree)
    if "TARGET_TIME_SERIES" in training.datasets and training.request:
        yield from _dimension_problems(training)
        yield from _frequency_problems(training)
        yield from _boundary_problems(training)
        yield from _transformation_problems(training)
        yield from _period_problems(training, tree)
        yield from _supplement_problems(training)
        yield from _explanation_problems(training)


def _request_problems(tree: dict[str, Any]) -> Iterator[str]:
    given = [member for member in ("Predictor", "AutoPredictor") if tree.get(member) is not None]
    if len(given) != 1:
        found = said(" and ").join(given) or said("neither")
        yield said("Predictor and AutoPredictor: found {found}, wanted one of the two", found=found)
    predictor = tree.get("Predictor")
    if predictor and bool(predictor.get("PerformAutoML")) == bool(predictor.get("AlgorithmArn")):
        found = said("both") if predictor.get("AlgorithmArn") else said("neither")
        yield said("Predictor: found {found}, wanted either PerformAutoML true or an AlgorithmArn", found=found)


def _dimension_problems(training: Training) -> Iterator[str]:
    """Dimensions are fields of the target; those of related time series are forecast, since nothing adds them up."""
    columns = training.attributes("TARGET_TIME_SERIES")
    dimensions = training.settings[1].get("ForecastDimensions") or []
    for dimension in dimensions:
        if dimension not in columns:
            wanted = said("a field of the target's schema ({names})", names=", ".join(columns))
            yield refused(training.member, said("ForecastDimensions {name}", name=shown(dimension)), wanted)
    identifier = DOMAINS[training.datasets["TARGET_TIME_SERIES"][1]["Domain"]].identifier
    for name, attribute_type in training.attributes("RELATED_TIME_SERIES").items():
        if attribute_type != "string" or name == identifier:
            continue
        path = f"{training.datasets['RELATED_TIME_SERIES'][0]}.Schema.Attributes"
        found = said("{name} as {type}", name=name, type="string")
        if name not in columns:
            wanted = said("a number, or a field of the target's schema ({names})", names=", ".join(columns))
            yield refused(path, found, wanted)
        elif name not in dimensions:
            wanted = said("it among {path}.ForecastDimensions too, or left out", path=training.settings[0])
            yield refused(path, found, wanted)


def _frequency_problems(training: Training) -> Iterator[str]:
    """The target is added up to a longer period and cannot be taken apart; related series are taken as they are."""
    path, frequency = training.settings[0], training.settings[1]["ForecastFrequency"]
    path, found = f"{path}.ForecastFrequency", shown(frequency)
    for dataset_type, (dataset, request) in training.datasets.items():
        data = request.get("DataFrequency")
        if dataset_type == "TARGET_TIME_SERIES" and data and mean_seconds(frequency) < mean_seconds(data):
            wanted = said(
                "{frequency} as in {dataset}.DataFrequency, or a longer period", frequency=shown(data), dataset=dataset
            )
            yield refused(path, found, wanted)
        if dataset_type == "RELATED_TIME_SERIES" and data and mean_seconds(frequency) != mean_seconds(data):
            wanted = said(
                "{frequency} as in {dataset}.DataFrequency, since related time series are not aggregated",
                frequency=shown(data),
                dataset=dataset,
            )
            yield refused(path, found, wanted)


def _boundary_problems(training: Training) -> Iterator[str]:
    """A boundary is one unit finer than the frequency, which is daily or coarser."""
    frequency = training.settings[1]["ForecastFrequency"]
    allowed = BOUNDARY_MEMBERS.get(count_and_unit(frequency)[1], ())
    for member in training.request.get("TimeAlignmentBoundary") or ():
        if member not in allowed:
            names = said(" and ").join(allowed) or said("none")
            wanted = said("{names} with ForecastFrequency {frequency}", names=names, frequency=shown(frequency))
            yield refused("AutoPredictor.TimeAlignmentBoundary", member, wanted)


def _transformation_problems(training: Training) -> Iterator[str]:
    seen: set[str] = set()
    known = dict.fromkeys(training.related_numbers, RELATED_TRANSFORMATIONS)
    known[training.target] = TARGET_TRANSFORMATIONS
    for (path, name), steps in training.transformations:
        if name not in known:
            names = f" ({', '.join(training.related_numbers)})" if training.related_numbers else ""
            wanted = said(
                "{target}, or a number of the related time series{names}", target=training.target, names=names
            )
            yield refused(f"{path}.AttributeName", shown(name), wanted)
            continue
        if name in seen:
            yield said("{path}: found {found} twice, wanted it once", path=f"{path}.AttributeName", found=shown(name))
        seen.add(name)
        for filling in steps:
            yield from _filling_problems(filling, known[name], has_point=training.member == "Predictor")


def _period_problems(training: Training, tree: dict[str, Any]) -> Iterator[str]:
    """Every period that is filled is there, so that only unfilled ones may never occur."""
    if (tree.get("Pipeline") or {}).get("Periods") != "observed":
        return
    fillings: dict[str, str] = {}
    for (_, name), steps in training.transformations:
        if name == training.target:
            fillings |= {member: value for _, given in steps for member, value in given.items()}
    for member in ("middlefill", "backfill"):
        filling = fillings.get(member, TARGET_DEFAULTS[member])
        if filling != "nan":
            yield said(
                'Pipeline.Periods: found "observed", wanted "all", or "nan" as {member} of {target}, which is'
                " {filling}: what is filled is there",
                member=member,
                target=training.target,
                filling=shown(filling),
            )


def _filling_problems(filling: PathAndValue, allowed: AllowedValues, *, has_point: bool) -> Iterator[str]:
    """The fillings of one attribute: known names, known values, and with "value" the number in a member of its own.

    Amazon's pattern for that number has no decimal point in an AutoPredictor.
    """
    path, given = filling
    by_value = {f"{fill}_value": fill for fill in allowed if given.get(fill) == "value"}
    for name, value in given.items():
        if name in by_value:
            if not _is_number(value) or ("." in value and not has_point):
                wanted = said("a number in quotes") if has_point else said("a whole number in quotes")
                yield refused(f"{path}.{name}", shown(value), wanted)
        elif name not in allowed:
            yield unknown(f"{path}.{name}", allowed)
        elif value not in allowed[name]:
            yield refused(f"{path}.{name}", shown(value), _one_of(allowed[name]))
    for name in by_value.keys() - given.keys():
        yield said("{path}: missing, and {reason} needs it", path=f"{path}.{name}", reason=f"{by_value[name]} value")


def _supplement_problems(training: Training) -> Iterator[str]:
    holidays = 0
    for path, name, (value_path, value) in training.supplements:
        if name == "weather":
            yield said(
                '{path}.Name: found "weather", wanted "holiday": weather is not to be had here, so bring it as a'
                " related time series",
                path=path,
            )
        elif name != "holiday":
            yield refused(f"{path}.Name", shown(name), '"holiday"')
        else:
            holidays += 1
            yield from _holiday_problems(training.member, value_path, value)
    if holidays > 1:
        yield said('{path}: found "holiday" {number} times, wanted one country', path=training.member, number=holidays)


def _holiday_problems(member: str, path: str, value: Any) -> Iterator[str]:
    if member == "AutoPredictor":
        countries = (value or {}).get("CountryCode") or []
        if set(value or {}) - {"CountryCode"} or len(countries) != 1:
            yield refused(path, shown(value), said("one country as in {example}", example='{"CountryCode": ["KR"]}'))
            return
        path, value = f"{path}.CountryCode[0]", countries[0]
    if value not in HOLIDAY_COUNTRIES:
        yield refused(path, shown(value), one_of(HOLIDAY_COUNTRIES))


def _explanation_problems(training: Training) -> Iterator[str]:
    if not training.request.get("ExplainPredictor"):
        return
    if len(training.datasets) == 1 and not any(training.supplements):
        wanted = said("false, or related time series, item metadata or holidays to explain the forecast by")
        yield refused("AutoPredictor.ExplainPredictor", "true", wanted)


def _is_number(value: str) -> bool:
    try:
        return math.isfinite(float(value))
    except ValueError:
        return False


def _one_of(values: tuple[str, ...]) -> str:
    nan_first = sorted(values, key="nan".__ne__)  # the filling that only the target may have
    return values[0] if len(values) == 1 else one_of(nan_first)
