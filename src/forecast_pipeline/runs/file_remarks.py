"""What a person should know of the files that a run reads, and of those that it does not, told by their list alone."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from forecast_language import counted, said
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
            yield said(
                "{files} hold the same rows: each of them is there {number} times.",
                files=_named(keys),
                number=len(keys),
            )
    if others:
        yield counted(
            "{files} was not read: no data by its name.",
            "{files} were not read: no data by their names.",
            len(others),
            files=_named(others),
        )
        if any(key.startswith("train/") for key in others):
            yield said("Athena's table train reads whatever lies in train/: move what is no data elsewhere.")


def _named(keys: Sequence[str]) -> str:
    """A list of keys in words; of a long one the first.

    >>> _named(["a", "b", "c"])
    'a, b and c'
    """
    if len(keys) == 1:
        return keys[0]
    if len(keys) > NAMED_FILES:
        return said("{names} and {more} more", names=", ".join(keys[:NAMED_FILES]), more=len(keys) - NAMED_FILES)
    return said("{names} and {last}", names=", ".join(keys[:-1]), last=keys[-1])
