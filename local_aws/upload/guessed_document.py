"""What was guessed of the user's files, for a program: the members of `almanac forecast --dry-run --json`."""

from typing import Any

from local_aws.upload.upload import Guesses


def document_of(guesses: Guesses) -> dict[str, Any]:
    """The guesses by name, beside the sentences that say them; a member is None where a file has no such thing."""
    planned, roles, options = guesses.planned, guesses.planned.roles, guesses.options
    in_columns = bool(planned.series_columns)  # each is a series, and none is the target
    return {
        "Timestamp": [*roles.moment.columns],
        "TimestampFormat": roles.moment.notation.name,
        "ItemId": None if in_columns else roles.item,
        "Dimensions": [*roles.dimensions],
        "Target": None if in_columns else roles.target,
        "SeriesColumns": [*planned.series_columns],
        "LeftOut": roles.left_out,
        "DataFrequency": planned.data_frequency,
        "Frequency": planned.frequency,
        "History": planned.history,
        "Horizon": planned.horizon,
        "Quantiles": [*options.quantiles],
        "Holidays": options.holidays,
        "Said": guesses.sentences,
    }
