"""The lines of Python in the READMEs do what they say."""

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]


def lines_of(readme: str) -> str:
    """The block of Python in a README."""
    (block,) = re.findall(r"```python\n(.*?)```", (PROJECT / readme).read_text("utf-8"), re.DOTALL)
    return str(block)


def test_both_languages_have_the_same_lines() -> None:
    assert lines_of("README.md") == lines_of("README.ko.md")


def test_three_lines_forecast_the_sample(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(PROJECT)
    lines = lines_of("README.md")
    assert len(lines.split("\n")) - lines.count("\n\n") - 1 == 3  # a blank line stands behind the import
    names: dict[str, object] = {}
    exec(lines, names)  # noqa: S102 - it is the project's own README
    printed = capsys.readouterr().out
    assert "frequency   M  (guessed; frequency= overrides)" in printed
    assert [*names["result"].frame] == ["month", "state", "industry", "p10", "p50", "p90"]  # type: ignore[attr-defined]
    assert len(names["result"].frame) == 148 * 12  # type: ignore[attr-defined]
    assert names["result"].accuracy.forecast.wql == pytest.approx(0.01828, abs=5e-6)  # type: ignore[attr-defined]
