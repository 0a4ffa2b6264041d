"""A dry run looks at pieces of a large file and at some of its series, and finds what the whole file says."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from local_aws.guessing.options import Options
from local_aws.guessing.rows import pieces
from local_aws.guessing.table import open_table
from local_aws.opening import named_file, text_scan
from local_aws.opening.named_file import Reading
from local_aws.periods.plan import make_plan

DAYS = [(date(2023, 1, 1) + timedelta(days=day)).isoformat() for day in range(40)]
ITEMS = [f"item {number}" for number in range(50)]


@pytest.fixture
def path(write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that counts as large: 2,000 rows of 50 items, and a total at the end."""
    monkeypatch.setattr(pieces, "LARGE", 1 << 14)
    monkeypatch.setattr("local_aws.guessing.table.LARGE", 1 << 14)
    monkeypatch.setattr(pieces, "CHUNK", 1 << 12)
    monkeypatch.setattr(named_file, "CHUNK", 1 << 12)
    monkeypatch.setattr(pieces, "PIECE", 1 << 9)
    monkeypatch.setattr(pieces, "ROWS_OF_SERIES", 200)
    rows = (f"{day},{item},{number}" for number, item in enumerate(ITEMS) for day in DAYS)
    return write("\n".join(["date,product,sales", *rows, "Total,,49000"]) + "\n")


def test_pieces_know_their_lines(path: Path) -> None:
    lines = path.read_text().splitlines()
    rows = open_table(path, Reading(in_pieces=True)).query("SELECT line, date, product, sales FROM data")
    assert 100 < len(rows) < 1500
    assert all(lines[line - 1] == ",".join(row) for line, *row in rows)


def test_a_plan_has_every_row_of_some_series(path: Path) -> None:
    opened = open_table(path, Reading(in_pieces=True))
    plan = make_plan(opened, Options())
    assert (plan.roles.item, plan.roles.target, plan.frequency, plan.history) == ("product", "sales", "D", 40)
    items = plan.table.query("SELECT product, count(*) FROM data GROUP BY product")
    assert 0 < len(items) < len(ITEMS)
    assert {count for _, count in items} == {len(DAYS)}
    assert plan.table.announcements[-1].startswith("looked at   one in 10 series of ")


def test_a_run_reads_all(path: Path) -> None:
    opened = open_table(path)
    assert opened.of_whole_series(["product"]).query("SELECT count(*) FROM data") == [(2000,)]
    assert text_scan.scan(path, "").lines == 2002


def test_a_torn_last_line_of_a_large_file_is_counted(path: Path) -> None:
    path.write_text(path.read_text() + "2023-02-01,item")
    plan = make_plan(open_table(path, Reading(in_pieces=True)), Options())
    assert f"1 of 2002 rows of {path} with another number of fields (line 2003, 2)" in plan.table.announcements[-2]
