"""The files of exports: their folders below the path of the export, their columns, and what Almanac adds to Amazon's.

forecast            identifier, dimensions, item metadata, date, a column per forecast type
item-models/        identifier, dimensions, model, season, form, weight, note; Almanac's own, asked for by a tag
forecasted-values/  identifier, dimensions, timestamp, target_value, the window's start and end, forecast types
accuracy-metrics-values/  identifier, dimensions, backtest_window, the window's start and end, the metrics

Attributes keep their names. A column of ours gives way where one has its name: see ``own_columns``.
"""

from collections.abc import Iterable

DATE = "date"  # of the forecast's values
BACKTEST_TIMESTAMP, BACKTEST_TARGET = "timestamp", "target_value"
BACKTEST_WINDOW = "backtest_window"
WINDOW_START, WINDOW_END = "backtestwindow_start_time", "backtestwindow_end_time"
SUMMARY = "Summary"  # the backtest_window of the row that averages an item's windows
COMPUTED = "Computed"  # the backtest_window of each window's row

BACKTEST_VALUES_FOLDER = "forecasted-values"
BACKTEST_ACCURACY_FOLDER = "accuracy-metrics-values"

# A forecast's export job that carries this tag writes what made each item's forecast too. Amazon's ignores the tag.
ITEM_MODELS_TAG = {"Key": "almanac:item-models", "Value": "true"}
# An export job that carries this tag writes ids as the data do, also where the stack writes them in lower case.
IDS_AS_GIVEN_TAG = {"Key": "almanac:ids", "Value": "as-given"}
ITEM_MODELS_FOLDER = "item-models"
ITEM_MODELS_COLUMNS = ("model", "season", "form", "weight", "note")  # behind identifier and dimensions


def own_columns(names: Iterable[str], taken: Iterable[str]) -> dict[str, str]:
    """Column of ours -> its name in a file beside the attributes ``taken``: ``forecast_<name>`` where one has the name.

    >>> own_columns(["date", "p10"], ["item_id", "P10"])
    {'date': 'date', 'p10': 'forecast_p10'}
    """
    used = {name.lower() for name in taken}
    own: dict[str, str] = {}
    for name in names:
        chosen = name
        while chosen.lower() in used:
            chosen = f"forecast_{chosen}"
        used.add(chosen.lower())
        own[name] = chosen
    return own
