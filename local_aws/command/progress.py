"""Shows a run in a terminal: one line per state, with the time it took and the batches it ran."""

import os
import sys
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Self, TextIO

from forecast_language import said

if TYPE_CHECKING:
    from local_aws.command.pipeline_run import Execution, Step

NAME_WIDTH = 22
SECONDS_OF_SILENCE = 30  # in a log, after which a long step says how it goes
CLEAR = "\r\x1b[K"  # the line that moves; a terminal alone is written this


class Progress:
    """Writes each state once it is left; in a terminal the current one is shown as it goes on.

    It is a block, at whose end no line is left half written.
    """

    def __init__(self, stream: TextIO | None = None, is_quiet: bool = False) -> None:
        """`stream` is where lines go; standard error, since standard output is for results. `is_quiet`: none go."""
        self.stream = stream or sys.stderr
        self.is_quiet = is_quiet
        self.in_terminal = self.stream.isatty() and os.environ.get("TERM") != "dumb"
        self.began = self.last_written = time.monotonic()
        self.steps_written = 0
        self.step_began: dict[int, float] = {}  # by the clock of this machine, for steps that go on
        self.is_moving = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.is_moving:
            self._write("", end="")

    def say(self, sentence: str, details: Iterable[str] = ()) -> None:
        """Write a line that begins with the seconds since the beginning, and details below it."""
        self._write(f"{self._clock()}{sentence}")
        for detail in details:
            self._write(f"            {detail}")

    def passing(self, sentence: str) -> None:
        """Show what goes on until the next line is written; nothing in a log."""
        if self.in_terminal and not self.is_quiet:
            self.stream.write(f"{CLEAR}{self._clock()}{sentence}")
            self.stream.flush()
            self.is_moving = True

    def show(self, execution: "Execution") -> None:
        """Write what is new about the execution."""
        ended = execution.status != "RUNNING"
        finished = [step for step in execution.steps if step.left or ended]
        for step in finished[self.steps_written :]:
            self.say(_line(step))
        self.steps_written = len(finished)
        if not ended and len(execution.steps) > self.steps_written:
            self._show_current(len(execution.steps), execution.steps[-1])

    def _show_current(self, number: int, step: "Step") -> None:
        now = time.monotonic()
        seconds = now - self.step_began.setdefault(number, now)
        if self.in_terminal:
            self.passing(f"{_line(step, seconds)} ...")
        elif now - self.last_written >= SECONDS_OF_SILENCE:
            self.say(f"{_line(step, seconds)} ...")

    def _clock(self) -> str:
        return f"{time.monotonic() - self.began:6.1f} s  "

    def _write(self, line: str, end: str = "\n") -> None:
        if self.is_quiet:
            return
        self.stream.write(f"{CLEAR if self.in_terminal else ''}{line}{end}")
        self.stream.flush()
        self.last_written, self.is_moving = time.monotonic(), False


def _line(step: "Step", seconds: float = 0) -> str:
    """A step that was left, or one that goes on for these seconds."""
    took = (step.left - step.entered).total_seconds() if step.left else seconds
    batches = said("{done} of {all} batches", done=step.batches_done, all=step.batches) if step.batches else ""
    return f"{step.name:<{NAME_WIDTH}}{took:5.1f} s  {batches}".rstrip()
