"""What a forecast leaves takes the place of what was there, whole, or nothing changes."""

import contextlib
from pathlib import Path

import pytest

from local_aws.command.failure import CommandFailed
from local_aws.command.out_folder import replaced_whole


def content(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, hidden ones too."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def before(tmp_path: Path) -> Path:
    """The folder of an earlier forecast."""
    folder = tmp_path / "forecast"
    folder.mkdir()
    (folder / "forecast.csv").write_text("old\n")
    (folder / "item_models.csv").write_text("old\n")
    (folder / ".DS_Store").write_text("of a file manager\n")
    return folder


def test_the_new_files_take_the_place_of_the_old_and_nothing_else_is_left(before: Path, tmp_path: Path) -> None:
    with replaced_whole(before) as new:
        (new / "forecast.csv").write_text("new\n")
        assert content(before)["forecast.csv"] == b"old\n"
    assert content(tmp_path) == {"forecast/forecast.csv": b"new\n"}


def test_a_link_stays_one(before: Path, tmp_path: Path) -> None:
    link = tmp_path / "newest"
    link.symlink_to(before)
    with replaced_whole(link) as new:
        (new / "forecast.csv").write_text("new\n")
    assert link.is_symlink()
    assert content(before) == {"forecast.csv": b"new\n"}


def test_a_folder_is_made_with_those_above_it_once_there_is_a_forecast(tmp_path: Path) -> None:
    out = tmp_path / "2026" / "01" / "forecast"
    with replaced_whole(out) as new:
        (new / "forecast.csv").write_text("new\n")
        assert not (tmp_path / "2026").exists()
    assert content(tmp_path) == {"2026/01/forecast/forecast.csv": b"new\n"}
    assert out.stat().st_mode == out.parent.stat().st_mode


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_however_a_run_fails_the_folder_is_as_it_was(before: Path, tmp_path: Path, error: type[BaseException]) -> None:
    old = content(tmp_path)
    with contextlib.suppress(error), replaced_whole(before) as new:
        (new / "forecast.csv").write_text("half of a fore")
        raise error
    assert content(tmp_path) == old
    assert [*tmp_path.iterdir()] == [before]


def test_a_folder_with_other_files_is_refused_and_kept(before: Path) -> None:
    (before / "notes.txt").write_text("mine\n")
    old = content(before)
    with pytest.raises(CommandFailed) as refused, replaced_whole(before):
        raise AssertionError("it must not begin")
    assert str(refused.value) == (
        f"--out {before}: found notes.txt, which no forecast has left there; wanted a folder of a forecast, an empty"
        " one, or a new one"
    )
    assert content(before) == old


def test_the_folder_that_the_command_runs_in_is_refused(before: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(before)
    for out in (".", ".."):
        with pytest.raises(CommandFailed, match=r"the command runs in it"), replaced_whole(Path(out)):
            raise AssertionError("it must not begin")


def test_a_file_is_no_folder(before: Path) -> None:
    for out in (before / "forecast.csv", before / "forecast.csv" / "below"):
        with pytest.raises(CommandFailed, match=r": found a file, wanted a directory"), replaced_whole(out):
            raise AssertionError("it must not begin")
