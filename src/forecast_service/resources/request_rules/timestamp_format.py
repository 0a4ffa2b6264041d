"""``TimestampFormat``: how the caller's files write times."""

from forecast_contract.timestamp_formats import DATE_AND_TIME, strptime_format
from forecast_service.records.errors import InvalidInputException
from forecast_service.records.record import Record
from forecast_service.resources.request_rules import frequency


def check_timestamp_format(found: str, dataset: Record) -> None:
    """Refuse a format that has no meaning here, and one without the time of day where a dataset's data have one."""
    try:
        pattern = strptime_format(found)
    except ValueError as error:
        raise InvalidInputException(str(error)) from error
    data_frequency = dataset.request.get("DataFrequency")
    if data_frequency is None:
        return
    finer_than_a_day = not frequency.parse(data_frequency, "DataFrequency").is_daily_or_coarser
    if finer_than_a_day and "%H" not in pattern:
        wanted = f"one with the time of day, such as {DATE_AND_TIME}"
        raise InvalidInputException(
            f"TimestampFormat {found} does not fit data of frequency {data_frequency}: {wanted}"
        )
