"""Which files of a folder are data: told by their keys alone, for the events, the import and publishing alike."""

from forecast_language import said

_HIDDEN = ("_", ".", "~")  # Spark's _temporary/ and _SUCCESS, .part-0000.csv.crc, Excel's ~$sales.xlsx
_FOLDER_MARKER = "_$folder$"
_READ = {"csv", "parquet", "parq", "pqt"}
# Taken for data too, so that the reader refuses them by their names: whoever drops one means it to be read.
_OF_OTHER_FORMATS = {
    *("tsv", "tab", "jsonl", "ndjson", "orc", "avro", "feather"),
    *("xls", "xlsx", "xlsm", "xlsb", "ods"),
    *("gz", "tgz", "zip", "bz2", "xz", "zst", "7z", "rar", "tar"),
}


def wanted_name() -> str:
    """What a file of data is called, for messages."""
    return said("a name such as sales.csv")


def is_data(path: str) -> bool:
    """Whether a key below a folder holds data, as far as its name tells; ``path`` is the key without the folder.

    >>> [is_data(path) for path in ("2026/SALES.CSV", "part-0000", "a.xlsx", "_temporary/0/a.csv", "a.csv.bak")]
    [True, True, True, False, False]
    """
    _, dot, ending = path.rpartition("/")[2].rpartition(".")
    return not is_hidden(path) and (not dot or ending.lower() in _READ | _OF_OTHER_FORMATS)


def is_hidden(path: str) -> bool:
    """Whether a key marks a folder, is hidden, or lies in a hidden folder: nobody means it to be read."""
    *folders, name = path.split("/")
    return not name or name.endswith(_FOLDER_MARKER) or any(part.startswith(_HIDDEN) for part in (*folders, name))
