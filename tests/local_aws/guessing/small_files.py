"""Small files for the tests of this folder."""


def lines(*rows: str) -> str:
    """A CSV file of these lines."""
    return "".join(f"{row}\n" for row in rows)


def monthly(rows: int = 24) -> list[str]:
    """Two years of one item."""
    return [f"{2018 + month // 12}-{month % 12 + 1:02},a,{month}" for month in range(rows)]
