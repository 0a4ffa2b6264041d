"""Small inputs as users have them: a panel with a header, the workshop's hourly file without, a shop with prices."""

import math
from datetime import date, timedelta
from typing import Any

MONTHS = 60
ITEMS = ("apples", "pears")
STORES = ("north", "south")


def monthly_panel(scale: float = 1.0) -> bytes:
    """Five years of two items in two stores, with a season of a year and a slow rise."""
    lines = ["timestamp,item_id,store,target_value"]
    for number, (item, store) in enumerate((item, store) for item in ITEMS for store in STORES):
        for month in range(MONTHS):
            value = scale * (
                100 + 10 * number + month + 20 * math.sin(2 * math.pi * month / 12) + (month * 7 + number) % 5
            )
            lines.append(f"{2019 + month // 12}-{month % 12 + 1:02}-01,{item},{store},{value:.3f}")
    return ("\n".join(lines) + "\n").encode()


def monthly_parameters(name: str, **members: Any) -> dict[str, Any]:
    """params.json for the monthly panel."""
    attributes = [("timestamp", "timestamp"), ("item_id", "string"), ("store", "string"), ("target_value", "float")]
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
            "ForecastDimensions": ["store"],
            "ForecastTypes": ["0.1", "0.5", "0.9"],
        },
        "Forecast": {"ForecastName": name, "ForecastTypes": ["0.1", "0.5", "0.9"]},
        "PerformDelete": False,
        "Pipeline": {"QuietSeconds": 0},
    } | members


# A shop: fruit by colour and usual sales a day. Cherries are new, so nothing is known but their colour and prices.
SHOP = {"apples": ("red", 100), "pears": ("green", 80), "plums": ("red", 60), "grapes": ("green", 140)}
NEW_IN_SHOP = ("cherries", "red")
SHOP_DAYS, SHOP_HORIZON = 210, 14
SHOP_OPENS = date(2022, 1, 3)


def is_promoted(number: int, day: int) -> bool:
    """Every eleventh day, each kind of fruit on its own."""
    return (day + 3 * number) % 11 == 0


def shop_date(day: int) -> str:
    """The day of this number, counted from the first."""
    return f"{SHOP_OPENS + timedelta(days=day)}"


def shop_sales(scale: float = 1.0) -> bytes:
    """Sales by day: a week with a busy end, twice as much on a promoted day, and some noise."""
    lines = ["timestamp,item_id,target_value"]
    for number, (fruit, (_, usual)) in enumerate(SHOP.items()):
        for day in range(SHOP_DAYS):
            week = 1.3 if day % 7 in (4, 5) else 0.9
            noise = 1 + ((day * 7 + number * 5) % 9 - 4) / 100
            value = scale * usual * week * noise * (2 if is_promoted(number, day) else 1)
            lines.append(f"{shop_date(day)},{fruit},{value:.2f}")
    return ("\n".join(lines) + "\n").encode()


def shop_prices() -> bytes:
    """Promotions and prices up to the end of the forecast; some days of the plums are missing."""
    lines = ["timestamp,item_id,promotion,price"]
    for number, fruit in enumerate((*SHOP, NEW_IN_SHOP[0])):
        for day in range(SHOP_DAYS + SHOP_HORIZON):
            if fruit != "plums" or day not in (50, 51):
                promoted = int(is_promoted(number, day))
                lines.append(f"{shop_date(day)},{fruit},{promoted},{3 + day % 5 / 10}")
    return ("\n".join(lines) + "\n").encode()


def shop_items() -> bytes:
    """What is known of each kind of fruit, as a file without header."""
    known = [f"{fruit},{colour}" for fruit, (colour, _) in SHOP.items()]
    return ("\n".join([*known, ",".join(NEW_IN_SHOP)]) + "\n").encode()


def shop_parameters(name: str, **members: Any) -> dict[str, Any]:
    """params.json with everything that an AutoPredictor may learn from besides the target."""

    def dataset(kind: str, **attributes: str) -> dict[str, Any]:
        schema = {"Attributes": [{"AttributeName": n, "AttributeType": t} for n, t in attributes.items()]}
        return {"DatasetName": f"{name}_{kind.lower()}", "Domain": "CUSTOM", "DatasetType": kind, "Schema": schema}

    daily = {"DataFrequency": "D"}
    return {
        "DatasetGroup": {"DatasetGroupName": name, "Domain": "CUSTOM"},
        "Datasets": [
            dataset("TARGET_TIME_SERIES", timestamp="timestamp", item_id="string", target_value="float") | daily,
            dataset("RELATED_TIME_SERIES", timestamp="timestamp", item_id="string", promotion="integer", price="float")
            | daily,
            dataset("ITEM_METADATA", item_id="string", colour="string"),
        ],
        "TimestampFormat": "yyyy-MM-dd",
        "AutoPredictor": {
            "PredictorName": name,
            "ForecastHorizon": SHOP_HORIZON,
            "ForecastFrequency": "D",
            "DataConfig": {
                "AttributeConfigs": [
                    {"AttributeName": "promotion", "Transformations": {"middlefill": "zero"}},
                    {"AttributeName": "price", "Transformations": {"middlefill": "median"}},
                ],
                "AdditionalDatasets": [{"Name": "holiday", "Configuration": {"CountryCode": ["KR"]}}],
            },
            "ExplainPredictor": True,
            "MonitorConfig": {"MonitorName": f"{name}_watch"},
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
