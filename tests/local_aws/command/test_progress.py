"""Progress is plain lines in a file and one moving line in a terminal."""

import io
from datetime import datetime, timedelta

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


def test_a_terminal_shows_the_current_step_on_a_line_that_moves() -> None:
    stream = Terminal()
    progress = Progress(stream)
    progress.show(execution("RUNNING", Step("ImportData", NOON, batches_done=1, batches=2)))
    assert stream.getvalue().startswith("\r\x1b[K")
    assert stream.getvalue().endswith("ImportData               ...  1 of 2 batches")
    progress.show(execution("SUCCEEDED", left("ImportData", 2)))
    assert stream.getvalue().endswith("ImportData              2.0 s\n")
