"""Cases for the Glue job: raw files, the outputs that are wanted, and what a test reads of what the job wrote."""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Document = dict[str, Any]
TIMESTAMP = {"Name": "timestamp", "From": "timestamp", "Type": "timestamp", "Formats": ["yyyy/M/d", "yyyy-M-d"]}
ITEM = {"Name": "item_id", "From": "item_id", "Type": "string"}
TARGET_VALUE = {"Name": "target_value", "From": "target_value", "Type": "float", "Optional": True}
PREPARED = "tmp/prepared/run"
KEYS = ["timestamp", "item_id"]


@dataclass(frozen=True)
class Case:
    """Files of ``raw_data/`` by name, and the outputs: members of the plan beside those that most have in common."""

    files: dict[str, bytes]
    outputs: list[Document]
    most_left_out: float


CASES: dict[str, Case] = {}


def case(files: dict[str, bytes], *outputs: Document, most_left_out: float = 0.0) -> Callable[..., Any]:
    """Have the job run over these files before the test below, under the test's name."""

    def register(test: Any) -> Any:
        CASES[test.__name__] = Case(files, list(outputs) or [{}], most_left_out)
        return test

    return register


def plan_of(case: Case, folder: Path) -> Document:
    """The plan of the case, with its files written below the folder."""
    (folder / "raw_data").mkdir(parents=True)
    for name, content in case.files.items():
        (folder / "raw_data" / name).write_bytes(content)
    usual = {
        "Source": [f"file://{folder}/raw_data/{name}" for name in case.files],
        "Reader": "csv",
        "Columns": [TIMESTAMP, ITEM, TARGET_VALUE],
        "Keys": KEYS,
        "Duplicates": "keep",
        "Target": "train/",
    }
    outputs = [usual | output for output in case.outputs]
    for output in outputs:
        output["Target"] = f"file://{folder / PREPARED}/{output['Target']}"
    return {
        "Outputs": outputs,
        "Quarantine": f"file://{folder}/quarantine/run/",
        "MaxLeftOutShare": case.most_left_out,
    }


@dataclass(frozen=True)
class Prepared:
    """What the job left of a case, and the sentence with which it failed, if it did."""

    folder: Path
    sentence: str | None

    def text(self, kind: str = "train") -> bytes:
        """The bytes of the parts of an output, one after another."""
        parts = sorted((self.folder / PREPARED / kind).glob("part-*"))
        return b"".join(part.read_bytes() for part in parts)

    def rows(self, kind: str = "train") -> list[list[str]]:
        """The rows of an output, in no order of their own: sorted."""
        return sorted(csv.reader(io.StringIO(self.text(kind).decode(), newline="")))

    def counts(self) -> list[Document]:
        """What was counted for each output."""
        (part,) = (self.folder / "quarantine" / "run" / "counts").glob("part-*")
        counts: list[Document] = json.loads(part.read_text())
        return counts

    def left_out(self) -> list[tuple[str, str, Any]]:
        """Name of the file, reason and raw row of what was left out, sorted."""
        parts = (self.folder / "quarantine" / "run" / "rows").glob("part-*")
        rows = [json.loads(line) for part in parts for line in part.read_text().splitlines()]
        return sorted((row["_source"].rpartition("/")[2], row["_reason"], row["_raw"]) for row in rows)
