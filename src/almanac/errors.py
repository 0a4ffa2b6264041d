"""The one error of the door."""


class DataError(ValueError):
    """The data cannot be forecast as they are, or not so.

    The message is one sentence: which frame, row or column, what was found, and what is wanted. Rows are counted from
    0, as ``df.iloc`` counts them.

    Examples:
        >>> import almanac, pandas as pd
        >>> almanac.forecast(pd.DataFrame({"day": ["2024-01-01"], "sold": [5]}), target="sales")
        Traceback (most recent call last):
        ...
        almanac.errors.DataError: df: found no column 'sales' for target, wanted one of day, sold
    """
