"""The command speaks the language that it is asked for, or that of the locale."""

import argparse
from datetime import date, timedelta
from pathlib import Path

import pytest

from forecast_language import foreign, language, speaking
from local_aws.command.cli import main
from local_aws.command.options.language import language_and_rest

DRY_RUN = ["forecast", "sales.csv", "--dry-run"]
ENGLISH_OF_ARGPARSE = ("usage: ", "options:", "show this help", "positional arguments")


@pytest.fixture(autouse=True)
def _an_english_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ALMANAC_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("words", [["--lang", "ko", *DRY_RUN], [*DRY_RUN, "--lang", "ko"], [*DRY_RUN, "--lang=KO"]])
def test_the_option_stands_before_or_behind_the_command(words: list[str]) -> None:
    assert language_and_rest(words) == ("ko", DRY_RUN)


def test_without_it_the_locale_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    assert language_and_rest(DRY_RUN) == ("en", DRY_RUN)
    monkeypatch.setenv("LANG", "ko_KR.UTF-8")
    assert language_and_rest(DRY_RUN) == ("ko", DRY_RUN)
    assert language_and_rest(["--lang", "en", *DRY_RUN]) == ("en", DRY_RUN)


def test_a_program_keeps_its_own_option() -> None:
    words = ["up", "--", "python", "x.py", "--lang", "ko"]
    assert language_and_rest(words) == ("en", words)


def test_what_is_said_of_a_file_is_korean_where_that_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["forecast", "nothing.csv", "--dry-run", "--lang", "ko"]) == 1
    assert capsys.readouterr().err == "almanac: nothing.csv: 그런 파일이나 폴더가 없습니다\n"
    assert language() == "en"


def test_what_is_guessed_of_a_file_is_told_in_korean(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    rows = [f"{date(2024, 1, 1) + timedelta(days=day)},{day % 7 + 1}" for day in range(60)]
    file = tmp_path / "sales.csv"
    file.write_text("\n".join(("date,units", *rows)))
    assert main(["--lang", "ko", "forecast", str(file), "--dry-run"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "시각        date (yyyy-MM-dd)",
        "품목        없음: 시계열 하나",
        "예측 대상   units",
        "주기        D  (추측; 바꾸려면 --frequency)",
        "예측 기간   14 (이력 60단계)  (추측; 바꾸려면 --horizon)",
    ]


def test_the_words_of_argparse_are_korean_too(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["forecast", "--help", "--lang", "ko"])
    told = capsys.readouterr().out
    assert told.startswith("사용법: almanac forecast")
    assert [words for words in ENGLISH_OF_ARGPARSE if words in told] == []


def test_another_language_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--lang", "fr", *DRY_RUN])
    assert "'fr'" in capsys.readouterr().err


def test_argparse_asks_for_its_words_where_ours_stand() -> None:
    """It imports both names from gettext; where it no longer does, its help would be English again."""
    with speaking("ko"):
        assert argparse._("options") == foreign("options") == "옵션"  # type: ignore[attr-defined]
        assert argparse.ngettext("expected %s argument", "expected %s arguments", 2) == "값이 %s개 필요합니다"  # type: ignore[attr-defined]
