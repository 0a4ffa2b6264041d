"""What a person should know of the files that a run reads, and of those that it does not, told by their list alone."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from forecast_pipeline.runs.data_files import DataFile

NAMED_FILES = 5  # in a sentence


def file_remarks(files: Sequence[DataFile], others: Sequence[str]) -> Iterator[str]:
    """A sentence for every group of ``files`` that hold the same bytes, and one for ``others``, which are no data.

    >>> list(file_remarks([DataFile("train/a.csv", "e1", 9), DataFile("train/b.csv", "e1", 9)], ["train/notes.txt"]))
    ['train/a.csv and train/b.csv hold the same rows: each of them is there 2 times.', \
'train/notes.txt was not read: no data by its name.', \
"Athena's table train reads whatever lies in train/: move what is no data elsewhere."]
    """
    keys_by_content: dict[tuple[str, int], list[str]] = defaultdict(list)
    for file in files:
        if file.size:
            keys_by_content[file.etag, file.size].append(file.key)
    for keys in keys_by_content.values():
        if len(keys) > 1:
            yield f"{_named(keys)} hold the same rows: each of them is there {len(keys)} times."
    if others:
        were, their = ("was", "its name") if len(others) == 1 else ("were", "their names")
        yield f"{_named(others)} {were} not read: no data by {their}."
        if any(key.startswith("train/") for key in others):
            yield "Athena's table train reads whatever lies in train/: move what is no data elsewhere."


def _named(keys: Sequence[str]) -> str:
    """A list of keys in words; of a long one the first.

    >>> _named(["a", "b", "c"])
    'a, b and c'
    """
    if len(keys) == 1:
        return keys[0]
    if len(keys) > NAMED_FILES:
        return f"{', '.join(keys[:NAMED_FILES])} and {len(keys) - NAMED_FILES} more"
    return f"{', '.join(keys[:-1])} and {keys[-1]}"
