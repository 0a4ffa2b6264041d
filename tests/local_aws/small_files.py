"""Small files for the tests of this folder."""

from datetime import date, timedelta


def lines(*rows: str) -> str:
    """A CSV file of these lines."""
    return "".join(f"{row}\n" for row in rows)


def monthly(rows: int = 24) -> list[str]:
    """Two years of one item."""
    return [f"{2018 + month // 12}-{month % 12 + 1:02},a,{month}" for month in range(rows)]


def wide(*names: str, days: int = 20) -> list[str]:
    """A file with a column per name: day 7 of the third has the value 207."""
    first = date(2020, 1, 1)
    rows = (",".join(str(100 * number + day) for number in range(len(names))) for day in range(days))
    return [f"date,{','.join(names)}", *(f"{first + timedelta(days=day)},{row}" for day, row in enumerate(rows))]
