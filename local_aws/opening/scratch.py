"""Temporary files: what an archive holds, a text in UTF-8, rows from a workbook."""

import shutil
import tempfile
import weakref
from pathlib import Path


class Scratch:
    """A folder for temporary files, which goes when nothing refers to it any more, or with the process."""

    def __init__(self) -> None:
        """Make the folder."""
        self.folder = Path(tempfile.mkdtemp(prefix="almanac-opened-"))
        self._files = 0
        weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)

    def new_file(self) -> Path:
        """The path of a file that is not there yet."""
        self._files += 1
        return self.folder / f"file-{self._files}"
