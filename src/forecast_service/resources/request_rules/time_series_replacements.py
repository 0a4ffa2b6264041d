"""``TimeSeriesReplacementsDataSource``: files with the rows of related time series that a scenario changes."""

from forecast_contract.timestamp_formats import DATE_AND_TIME
from forecast_service.records.errors import InvalidInputException
from forecast_service.records.record import JsonObject, Record
from forecast_service.resources.request_rules.timestamp_format import check_timestamp_format
from forecast_service.what_if.replacement_schema import replacement_schema
from forecast_service.what_if.scenario_columns import ScenarioColumns

_MEMBER = "TimeSeriesReplacementsDataSource"


def checked_replacements(source: JsonObject, columns: ScenarioColumns, related: Record) -> JsonObject:
    """The source with its defaults. InvalidInputException if it cannot replace rows of ``related``, a dataset."""
    defaults: JsonObject = {"Format": "CSV", "TimestampFormat": DATE_AND_TIME}
    source = defaults | source
    if source["Format"] != "CSV":
        raise InvalidInputException(f"{_MEMBER}.Format is {source['Format']}, and must be CSV")
    check_timestamp_format(source["TimestampFormat"], related)
    replacement_schema(source["Schema"], columns)
    return source
