"""What the pin of all forecasts calls equal, and what it names where something is not."""

import datetime
from pathlib import Path

import duckdb
import pytest
import same_forecasts
from paper_text import lines_of_answer, lines_of_files

PART = "item_id,date,p50\nhat,2020-01-02,0.30000000000000004\nhat,2020-01-01,1.5\n"
MARKS = {"out/_CHECK": b"", "out/_SUCCESS": b""}


def papers(part: str = PART) -> same_forecasts.Papers:
    """The papers of an export of one part."""
    lines = lines_of_files(MARKS | {"out/week_2020-02-01T00-00-00Z_part0.csv": part.encode()}, "out/")
    return {"week": lines[""], "accuracy": lines_of_answer({"WAPE": 0.1})}


def test_equal_papers_have_no_differences() -> None:
    assert same_forecasts.differences(papers(), papers()) == []
    assert same_forecasts.digest(papers()) == same_forecasts.digest(papers())


def test_one_changed_digit_is_named_with_its_paper_and_its_line() -> None:
    changed = papers(PART.replace("0.30000000000000004", "0.30000000000000003"))
    (text,) = same_forecasts.differences(papers(), changed)
    assert text.splitlines() == [
        "week, line 5",
        "    hat\t2020-01-02\t0.30000000000000004",
        "    hat\t2020-01-02\t0.30000000000000003",
    ]
    assert same_forecasts.digest(papers()) != same_forecasts.digest(changed)


def test_a_paper_that_one_checkout_lacks_is_named() -> None:
    (text,) = same_forecasts.differences(papers(), {"week": papers()["week"]})
    assert text.splitlines() == ["accuracy, line 1", "    {", "    (nothing)"]


def test_rows_may_lie_in_other_parts_and_in_another_order() -> None:
    header, first, second = PART.splitlines(keepends=True)
    parts = {"out/of_later_part0.csv": (header + second).encode(), "out/of_later_part1.csv": (header + first).encode()}
    assert lines_of_files(MARKS | parts, "out/")[""] == papers()["week"]


def test_a_folder_has_a_paper_of_its_own_and_parquet_shows_types_and_every_digit(tmp_path: Path) -> None:
    path = tmp_path / "part"
    duckdb.execute(f"COPY (SELECT 'hat' AS item_id, 0.1::DOUBLE + 0.2::DOUBLE AS p50) TO '{path}' (FORMAT parquet)")
    found = lines_of_files(MARKS | {"out/values/part0.parquet": path.read_bytes()}, "out/")
    assert found["values"] == ["item_id VARCHAR\tp50 DOUBLE", "hat\t0.30000000000000004"]
    assert found[""] == ["mark _CHECK", "mark _SUCCESS"]


def test_ids_and_times_of_the_run_are_masked_and_times_of_the_data_are_not() -> None:
    def answer(ulid: str, year: int, window: int) -> list[str]:
        created, start = (datetime.datetime(when, 1, 1, tzinfo=datetime.UTC) for when in (year, window))
        arn = f"arn:aws:forecast:us-east-1:123456789012:predictor/taxi_{ulid}"
        return lines_of_answer({"Arns": [arn], "CreationTime": created, "TestWindows": [{"TestWindowStart": start}]})

    first = answer("01FTHF1KK7E6VVR676WVN24MXC", 2025, 2020)
    assert first == answer("01M8BKHG5GDNP6D1MCVFHWN502", 2026, 2020)
    assert first != answer("01FTHF1KK7E6VVR676WVN24MXC", 2025, 2021)


def test_shards_may_add_up_sums_in_their_order_and_change_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    statistics = [lines_of_answer({"Stock": {"Avg": average, "Max": "3"}}) for average in (0.3, 0.1 + 0.2)]
    runs = {("hats", shards): papers() | {"import": lines} for shards, lines in zip((1, 4), statistics, strict=True)}
    assert same_forecasts.compare(runs, runs) == []
    other = runs | {("hats", 4): papers(PART.replace("1.5", "1.6")) | {"import": statistics[1]}}
    texts = same_forecasts.compare(runs, other)
    assert [text.splitlines()[0] for text in texts] == [
        "hats, 4 shards: A and B: week, line 4",
        "hats, 4 shards: B, 1 and 4 shards: week, line 4",
    ]
    assert "A and B: 1 differ; B, 1 and 4 shards: 1 differ" in capsys.readouterr().out


def test_papers_are_read_by_panel_and_number_of_shards(tmp_path: Path) -> None:
    for shards in (1, 16):
        (tmp_path / "hats" / str(shards)).mkdir(parents=True)
        (tmp_path / "hats" / str(shards) / "auto.values_CSV.rows.txt").write_text("a\nb\n")
    assert same_forecasts.read_papers(tmp_path) == {
        ("hats", shards): {"auto.values_CSV.rows": ["a", "b"]} for shards in (1, 16)
    }
