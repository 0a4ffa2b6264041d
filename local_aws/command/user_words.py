"""Messages of a run in the user's words: files and columns as the user calls them, not as the bucket does."""

import re
from collections.abc import Sequence
from typing import Any

from local_aws.upload.user_file import UserFile

# Functions of the pipeline speak the language of the stack, those of the service English.
LINE = r"(?:, (?:(?:line|row) (\d+)|(\d+)번째 (?:줄|행)))?"
COLUMN = re.compile(r"\bcolumn (?P<english>\w+)|(?P<korean>\w+) 열")


class UserWords:
    """What the objects in the bucket are to the user."""

    def __init__(self, files: Sequence[UserFile]) -> None:
        """Nothing is read until a message names a line."""
        self.files = {file.key: file for file in files}
        self.columns = {attribute: column for file in files for attribute, column in file.columns.items()}
        keys = "|".join(re.escape(key) for key in sorted(self.files, key=len, reverse=True))
        self.place = re.compile(rf"(?:s3://[^/\s]+/)?\b({keys}){LINE}" if files else r"(?!)")
        folders = "|".join(sorted({key.partition("/")[0] for key in self.files}))
        self.folder = re.compile(rf"(?:s3://[^/\s]+/|(?<![\w/]))({folders})/(?=:)" if files else r"(?!)")

    def told(self, message: str) -> str:
        """The message with the user's files, lines and columns.

        A column is one of the file that is named before it; an attribute is not told elsewhere, where it may be a word.
        """
        message = self.folder.sub(lambda match: next(key for key in self.files if key.startswith(match[1])), message)
        parts, end, file = [], 0, None
        for match in self.place.finditer(message):
            parts.append(_with_columns(message[end : match.start()], file))
            file, end = self.files[match[1]], match.end()
            line = match[2] or match[3]
            parts.append(file.place(int(line)) if line else file.name)
        return "".join([*parts, _with_columns(message[end:], file)])

    def told_throughout(self, document: Any) -> Any:
        """A JSON document with every text told so."""
        if isinstance(document, dict):
            return {name: self.told_throughout(value) for name, value in document.items()}
        if isinstance(document, list):
            return [self.told_throughout(value) for value in document]
        return self.told(document) if isinstance(document, str) else document

    def column(self, attribute: str) -> str:
        """The user's column that an attribute is; what is none, such as a holiday, keeps its name."""
        return self.columns.get(attribute, attribute)


def _with_columns(text: str, file: UserFile | None) -> str:
    columns = file.columns if file else {}

    def theirs(match: re.Match[str]) -> str:
        english, korean = match["english"], match["korean"]
        return f"column {columns.get(english, english)}" if english else f"{columns.get(korean, korean)} 열"

    return COLUMN.sub(theirs, text)
