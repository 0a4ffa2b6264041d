"""Small inputs of the two kinds that users have: a panel with a header, and the workshop's header-less hourly file."""

import math
from datetime import date, timedelta
from typing import Any

MONTHS = 60
ITEMS = ("apples", "pears")
MODELS = ("north", "south")
FIRST_MONDAY = date(2023, 1, 2)


def monthly_panel(scale: float = 1.0) -> bytes:
    """Five years of two items in two models, with a season of a year and a slow rise."""
    lines = ["timestamp,item_id,model,target_value"]
    for number, (item, model) in enumerate((item, model) for item in ITEMS for model in MODELS):
        for month in range(MONTHS):
            value = scale * (
                100 + 10 * number + month + 20 * math.sin(2 * math.pi * month / 12) + (month * 7 + number) % 5
            )
            lines.append(f"{2019 + month // 12}-{month % 12 + 1:02}-01,{item},{model},{value:.3f}")
    return ("\n".join(lines) + "\n").encode()


def monthly_parameters(name: str, **members: Any) -> dict[str, Any]:
    """params.json for the monthly panel."""
    attributes = [("timestamp", "timestamp"), ("item_id", "string"), ("model", "string"), ("target_value", "float")]
    return {
        "DatasetGroup": {"DatasetGroupName": name, "Domain": "CUSTOM"},
        "Datasets": [
            {
                "DatasetName": name,
                "Domain": "CUSTOM",
                "DatasetType": "TARGET_TIME_SERIES",
                "DataFrequency": "M",
                "Schema": {"Attributes": [{"AttributeName": n, "AttributeType": t} for n, t in attributes]},
            }
        ],
        "TimestampFormat": "yyyy-MM-dd",
        "AutoPredictor": {
            "PredictorName": name,
            "ForecastHorizon": 6,
            "ForecastFrequency": "M",
            "ForecastDimensions": ["model"],
            "ForecastTypes": ["0.1", "0.5", "0.9"],
        },
        "Forecast": {"ForecastName": name, "ForecastTypes": ["0.1", "0.5", "0.9"]},
        "PerformDelete": False,
        "Pipeline": {"QuietSeconds": 0},
    } | members


def hourly_file_without_header() -> bytes:
    """Four weeks of three clients, as the workshop's electricity file is written: timestamp, value, client."""
    lines = []
    for client in range(1, 4):
        for hour in range(28 * 24):
            value = 30 * client + 10 * math.sin(2 * math.pi * hour / 24) + (hour * 5 + client) % 3
            lines.append(f"2014-01-{hour // 24 + 1:02} {hour % 24:02}:00:00,{value},client_{client}")
    return ("\n".join(lines) + "\n").encode()


# As the workshop's users have it, to the letter: a legacy Predictor, and a lower-case hh for hours up to 23.
WORKSHOP_PARAMETERS: dict[str, Any] = {
    "DatasetGroup": {"DatasetGroupName": "workshop_group", "Domain": "CUSTOM"},
    "Datasets": [
        {
            "DatasetName": "workshop_electricity",
            "Domain": "CUSTOM",
            "DatasetType": "TARGET_TIME_SERIES",
            "DataFrequency": "H",
            "Schema": {
                "Attributes": [
                    {"AttributeName": "timestamp", "AttributeType": "timestamp"},
                    {"AttributeName": "target_value", "AttributeType": "float"},
                    {"AttributeName": "item_id", "AttributeType": "string"},
                ]
            },
        }
    ],
    "TimestampFormat": "yyyy-MM-dd hh:mm:ss",
    "Predictor": {
        "PredictorName": "workshop_predictor",
        "ForecastHorizon": 24,
        "FeaturizationConfig": {"ForecastFrequency": "H"},
        "PerformAutoML": True,
    },
    "Forecast": {"ForecastName": "workshop_forecast", "ForecastTypes": ["0.1", "0.5", "0.9"]},
    "PerformDelete": False,
}


def daily_file_for_weeks() -> bytes:
    """Two items, sold each day of 60 weeks and two days; of 844 rows three lack their item, one its day.

    The lines of bread end as on Windows, those of rolls as on Unix.
    """
    lines = ["timestamp,item_id,target_value"]
    for item in ("bread", "rolls"):
        days = (FIRST_MONDAY + timedelta(days=day) for day in range(60 * 7 + 2))
        lines += [f"{day:%Y-%m-%d},{item},{50 + 10 * day.weekday() + day.day % 5}" for day in days]
    for line in (10, 20, 30):
        lines[line] = lines[line].replace("bread", "")
    lines[40] = lines[40].partition(",")[1] + lines[40].partition(",")[2]
    half = len(lines) // 2 + 1
    return ("\r\n".join(lines[:half]) + "\r\n" + "\n".join(lines[half:]) + "\n").encode()


def weekly_parameters(name: str) -> dict[str, Any]:
    """params.json for the daily file, forecast by the week."""
    parameters = monthly_parameters(name)
    attributes = [("timestamp", "timestamp"), ("item_id", "string"), ("target_value", "float")]
    schema = {"Attributes": [{"AttributeName": n, "AttributeType": t} for n, t in attributes]}
    parameters["Datasets"][0] |= {"DataFrequency": "D", "Schema": schema}
    del parameters["AutoPredictor"]["ForecastDimensions"]
    parameters["AutoPredictor"] |= {"ForecastFrequency": "W", "ForecastHorizon": 4}
    return parameters
