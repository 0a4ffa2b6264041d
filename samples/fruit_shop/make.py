"""Write the files of the fruit shop beside this script; they are the same whenever and wherever it runs.

    python samples/fruit_shop/make.py

The shop does not exist. Sales follow a week, a year, promotions, prices and Korea's public holidays, so a forecast that
learns from all of them has something to show, and its tests know what is true.
"""

import math
from datetime import date, timedelta
from pathlib import Path

# item -> category, origin, usual sales a day, usual price in thousand won; cherries are new: nothing was sold yet.
FRUITS = {
    "apples": ("pome", "Yeongju", 100, 3.0),
    "pears": ("pome", "Naju", 80, 4.0),
    "plums": ("stone", "Gimcheon", 60, 5.0),
    "peaches": ("stone", "Chungju", 120, 4.5),
    "grapes": ("berry", "Sangju", 140, 6.0),
    "strawberries": ("berry", "Nonsan", 90, 8.0),
    "cherries": ("stone", "Gyeongju", 0, 7.0),
}
NEW = "cherries"
OPENED, LAST_DAY, HORIZON = date(2023, 1, 2), date(2025, 1, 19), 14
PROMOTED_UPLIFT, HOLIDAY_UPLIFT = 1.8, 1.5
HOLIDAYS = {  # Korea's, as far as the files reach
    date(year, month, day)
    for year, days in {
        2023: "01-21 01-22 01-23 01-24 03-01 05-05 05-27 05-29 06-06 08-15 09-28 09-29 09-30 10-02 10-03 10-09 12-25",
        2024: "01-01 02-09 02-10 02-11 02-12 03-01 04-10 05-05 05-06 05-15 06-06 08-15 09-16 09-17 09-18 10-01 10-03 "
        "10-09 12-25",
        2025: "01-01 01-27 01-28 01-29 01-30",
    }.items()
    for month, day in (map(int, text.split("-")) for text in days.split())
}


def is_promoted(number: int, day: int) -> bool:
    """Two days in every thirteen, each fruit at times of its own."""
    return (day + 4 * number) % 13 in (0, 1)


def price(number: int, day: int, usual: float) -> float:
    """It follows the season, and falls by a fifth in a promotion."""
    season = 1 + 0.1 * math.sin(2 * math.pi * (day + 50 * number) / 365)
    return round(usual * season * (0.8 if is_promoted(number, day) else 1.0), 2)


def demand(number: int, day: int, usual: float) -> float:
    """Sales of a day: its week, its year, promotion, holiday, and some noise of up to 4 %."""
    when = OPENED + timedelta(days=day)
    week = (0.85, 0.85, 0.9, 0.95, 1.15, 1.35, 0.95)[when.weekday()]
    year = 1 + 0.15 * math.sin(2 * math.pi * (day - 60 * number) / 365)
    noise = 1 + ((day * 7 + number * 5) % 9 - 4) / 100
    uplift = (PROMOTED_UPLIFT if is_promoted(number, day) else 1.0) * (HOLIDAY_UPLIFT if when in HOLIDAYS else 1.0)
    return round(usual * week * year * noise * uplift, 1)


def files() -> dict[str, str]:
    """Name -> content: sales up to the last day, promotions and prices for the forecast too, and all items."""
    sales, prices = ["timestamp,item_id,demand"], ["timestamp,item_id,price,promotion"]
    history = (LAST_DAY - OPENED).days + 1
    for number, (item, (_, _, usual, usual_price)) in enumerate(FRUITS.items()):
        for day in range(history + HORIZON):
            when = OPENED + timedelta(days=day)
            prices.append(f"{when},{item},{price(number, day, usual_price)},{int(is_promoted(number, day))}")
            if day < history and item != NEW:
                sales.append(f"{when},{item},{demand(number, day, usual)}")
    items = ["item_id,category,origin", *(f"{item},{kind},{origin}" for item, (kind, origin, *_) in FRUITS.items())]
    return {
        f"{name}.csv": "\n".join([*lines, ""])
        for name, lines in zip(("sales", "prices", "items"), (sales, prices, items), strict=True)
    }


if __name__ == "__main__":
    for name, content in files().items():
        (Path(__file__).parent / name).write_text(content, encoding="utf-8")
