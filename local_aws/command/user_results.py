"""What a run published, rewritten for the user: the columns that the user's files have, and dates as they stand there.

Amazon's form stays in the bucket: in the exports, and in the files that other programs read.
"""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Any

from forecast_contract.exports import own_columns
from forecast_contract.spreadsheet_text import guarded_text
from forecast_language import said
from forecast_pipeline.publishing.outputs.report_page import data_of, report_page
from local_aws.command.user_words import UserWords
from local_aws.upload.user_form import UserForm

ITEM, MOMENT = "item_id", "timestamp"
TABLES = ("forecast.csv", "forecast_long.csv", "item_accuracy.csv", "item_models.csv")
FOR_PROGRAMS = "forecast_long.csv"  # the bucket's has ids that a spreadsheet may take for formulas
TIMES = {"forecast.csv": "date", "forecast_long.csv": MOMENT}  # table -> its column of time


def rewrite(folder: Path, form: UserForm, words: UserWords) -> Iterator[str]:
    """Rewrite the files of the folder; gives a sentence on what cannot be written as the user does."""
    written_as_theirs = all([_rewrite_table(folder / name, form) for name in TABLES])
    if not written_as_theirs:
        yield said(
            "the dates of the forecast are written as yyyy-MM-dd: {file} does not tell how to write them",
            file=form.table.path,
        )
    report = folder / "report.html"
    report.write_text(report_page(_report(data_of(report.read_text("utf-8")), form, words)), "utf-8")
    accuracy = folder / "accuracy.json"
    figures = words.told_throughout(json.loads(accuracy.read_text("utf-8")))
    figures["AttributeImpact"] = impact_of(figures.get("AttributeImpact"), words)
    accuracy.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")


def impact_of(impact: dict[str, float] | None, words: UserWords) -> dict[str, float] | None:
    """The scores of an explanation by the user's columns."""
    return impact and {words.column(name): score for name, score in impact.items()}


def _rewrite_table(path: Path, form: UserForm) -> bool:
    """Rewrite one table; False if its dates could not be written as the user does."""
    with path.open(newline="", encoding="utf-8") as file:
        header = next(csv.reader(file))
    time_column = TIMES.get(path.name)
    place = header.index(time_column) if time_column else None
    times = _Times.of(path, place, form) if place is not None else _Times((), {}, as_theirs=True)
    order = _order(header, place, form)
    written = guarded_text if path.name == FOR_PROGRAMS else str
    new = path.with_suffix(".new")
    with path.open(newline="", encoding="utf-8") as file, new.open("w", newline="", encoding="utf-8") as target:
        rows, writer = csv.reader(file), csv.writer(target, lineterminator="\n")
        writer.writerow(_names(next(rows), order, place, times, form))
        for row in rows:
            texts = [text for i in order for text in (times.texts[row[i]] if i == place else (row[i],))]
            writer.writerow(map(written, texts))
    new.replace(path)
    return times.as_theirs


@dataclass(frozen=True)
class _Times:
    """The columns of the time, and what is written in them for a time of the table."""

    columns: tuple[str, ...]
    texts: dict[str, tuple[str, ...]]
    as_theirs: bool

    @classmethod
    def of(cls, path: Path, place: int, form: UserForm) -> "_Times":
        """As the user's file has them, or in one column by year, month and day where the file does not tell how."""
        with path.open(newline="", encoding="utf-8") as file:
            rows = csv.reader(file)
            next(rows)
            moments = {text: datetime.fromisoformat(text).replace(tzinfo=None) for text in {row[place] for row in rows}}
        written = form.dates([*moments.values()])
        if written is not None:
            is_named = MOMENT in form.columns or len(form.time_columns) > 1
            columns = form.time_columns if is_named else ()
            return cls(columns, dict(zip(moments, written, strict=True)), as_theirs=True)
        days = all(moment.time() == time.min for moment in moments.values())
        pattern = "%Y-%m-%d" if days else "%Y-%m-%d %H:%M:%S"
        columns = form.time_columns if len(form.time_columns) == 1 else (MOMENT,)
        return cls(columns, {text: (moment.strftime(pattern),) for text, moment in moments.items()}, as_theirs=False)


def _order(header: list[str], time_place: int | None, form: UserForm) -> list[int]:
    """The places of the columns that are kept: the user's first, as they stand in the user's file."""
    theirs = {i: form.columns.get(MOMENT if i == time_place else name) for i, name in enumerate(header)}
    place = {name: i for i, name in enumerate(form.table.columns)}
    kept = [i for i, name in enumerate(header) if name != ITEM or form.has_items]
    return sorted(kept, key=lambda i: place.get(theirs[i] or "", len(place)))


def _names(header: list[str], order: list[int], time_place: int | None, times: _Times, form: UserForm) -> list[str]:
    theirs: dict[int, tuple[str, ...]] = {
        i: (form.columns[header[i]],) for i in order if header[i] in form.columns and i != time_place
    }
    if time_place is not None and times.columns:
        theirs[time_place] = times.columns
    ours = own_columns(
        (header[i] for i in order if i not in theirs), (name for names in theirs.values() for name in names)
    )
    return [guarded_text(name.strip()) for i in order for name in theirs.get(i, (ours.get(header[i], ""),))]


def _report(data: dict[str, Any], form: UserForm, words: UserWords) -> dict[str, Any]:
    """The report's data in the user's words; the items, which are packed, have the user's names already."""
    parts = data.pop("parts")
    data = words.told_throughout(data)
    data["target"] = words.column(data["target"])
    data["impact"] = [each | {"name": words.column(each["name"])} for each in data["impact"]]
    data["rows"] = [each | {"place": words.told(f"{each['place']}:").removesuffix(":")} for each in data["rows"]]
    if not form.has_items:
        data["itemName"] = data["target"]
    return data | {"parts": parts}
