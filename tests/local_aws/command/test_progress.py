"""Progress is plain lines in a file and one moving line in a terminal."""

import contextlib
import io
from datetime import datetime, timedelta

import pytest

from local_aws.command.pipeline_run import Execution, Step
from local_aws.command.progress import Progress

NOON = datetime(2026, 1, 5, 12)


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def execution(status: str, *steps: Step) -> Execution:
    return Execution("arn:aws:states:us-east-1:1:execution:pipeline:9f3c1a2b7d", status, list(steps))


def left(name: str, seconds: float, **batches: int) -> Step:
    return Step(name, NOON, NOON + timedelta(seconds=seconds), **batches)


def after_the_clock(text: str) -> list[str]:
    """Lines without the seconds since the beginning, which differ each time."""
    return [line.partition(" s  ")[2] for line in text.splitlines()]


def test_a_step_is_written_once_when_it_is_left() -> None:
    stream = io.StringIO()
    progress = Progress(stream)
    progress.show(execution("RUNNING", Step("ImportData", NOON, batches_done=1, batches=2)))
    assert stream.getvalue() == ""
    done = left("ImportData", 2.1, batches_done=2, batches=2)
    progress.show(execution("RUNNING", done, Step("TrainPredictor", NOON)))
    progress.show(execution("SUCCEEDED", done, left("TrainPredictor", 10)))
    assert after_the_clock(stream.getvalue()) == [
        "ImportData              2.1 s  2 of 2 batches",
        "TrainPredictor         10.0 s",
    ]
    assert "\x1b" not in stream.getvalue()


def test_a_log_hears_of_a_long_step_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local_aws.command.progress.SECONDS_OF_SILENCE", 0)
    stream = io.StringIO()
    Progress(stream).show(execution("RUNNING", Step("TrainPredictor", NOON, batches_done=3, batches=12)))
    assert after_the_clock(stream.getvalue()) == ["TrainPredictor          0.0 s  3 of 12 batches ..."]


def test_who_wants_quiet_reads_nothing() -> None:
    stream = Terminal()
    with Progress(stream, is_quiet=True) as progress:
        progress.passing("reading ...")
        progress.say("read", ["more"])
        progress.show(execution("RUNNING", left("ImportData", 2), Step("TrainPredictor", NOON)))
    assert stream.getvalue() == ""


def test_no_line_is_left_half_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    with contextlib.suppress(KeyboardInterrupt), Progress(stream) as progress:
        progress.passing("reading ...")
        raise KeyboardInterrupt
    assert stream.getvalue().endswith("reading ...\r\x1b[K")


def test_a_terminal_that_cannot_move_is_a_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    stream = Terminal()
    Progress(stream).passing("reading ...")
    assert stream.getvalue() == ""


def test_a_terminal_shows_the_current_step_on_a_line_that_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    progress = Progress(stream)
    progress.show(execution("RUNNING", Step("ImportData", NOON, batches_done=1, batches=2)))
    assert stream.getvalue().startswith("\r\x1b[K")
    assert stream.getvalue().endswith("ImportData              0.0 s  1 of 2 batches ...")
    progress.show(execution("SUCCEEDED", left("ImportData", 2)))
    assert stream.getvalue().endswith("ImportData              2.0 s\n")
