"""Data that Amazon Forecast adds by itself: public holidays, which are here too, and the weather, which is not."""

from forecast_contract.holiday_countries import HOLIDAY_COUNTRIES
from forecast_service.records.errors import InvalidInputException, shown
from forecast_service.records.record import JsonObject

INSTEAD_OF_WEATHER = (
    "this service has no weather of its own: bring the weather of each item as numbers of a RELATED_TIME_SERIES dataset"
)


def check_additional_datasets(datasets: list[JsonObject]) -> None:
    """Refuse ``DataConfig.AdditionalDatasets`` that are not the holidays of one country."""
    field = "DataConfig.AdditionalDatasets"
    _check_names([dataset["Name"] for dataset in datasets], field)
    for dataset in datasets:
        configuration = dataset.get("Configuration", {})
        if list(configuration) != ["CountryCode"]:
            found = ", ".join(configuration) or "nothing"
            raise InvalidInputException(
                f"{field}: the Configuration of holiday is CountryCode alone; found {shown(found)}"
            )
        codes = configuration["CountryCode"]
        if len(codes) != 1:
            found = ", ".join(codes)
            raise InvalidInputException(f"{field}: CountryCode is one country for all items; found {shown(found)}")
        _check_country(codes[0], field)


def check_supplementary_features(features: list[JsonObject]) -> None:
    """Refuse ``InputDataConfig.SupplementaryFeatures`` that are not the holidays of one country."""
    field = "InputDataConfig.SupplementaryFeatures"
    _check_names([feature["Name"] for feature in features], field)
    for feature in features:
        _check_country(feature["Value"], field)


def additional_datasets_of(features: list[JsonObject]) -> list[JsonObject]:
    """The ``AdditionalDatasets`` that ask for what ``SupplementaryFeatures`` do."""
    return [{"Name": feature["Name"], "Configuration": {"CountryCode": [feature["Value"]]}} for feature in features]


def _check_names(names: list[str], field: str) -> None:
    for name in names:
        if name == "weather":
            raise InvalidInputException(f"{field}: {INSTEAD_OF_WEATHER}")
        if name != "holiday":
            raise InvalidInputException(f"{field}: {shown(name)} is unknown: use holiday")
    if len(names) > 1:
        raise InvalidInputException(f"{field}: holiday is given more than once")


def _check_country(code: str, field: str) -> None:
    if code not in HOLIDAY_COUNTRIES:
        known = ", ".join(HOLIDAY_COUNTRIES)
        raise InvalidInputException(
            f"{field}: {shown(code)} is no country whose holidays are known: use one of {known}"
        )
