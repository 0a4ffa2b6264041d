"""Shows a run in a terminal: one line per state, with the time it took and the batches it ran."""

import sys
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from local_aws.command.pipeline_run import Execution, Step

NAME_WIDTH = 22


class Progress:
    """Writes each state once it is left; in a terminal the current one is shown as it goes on."""

    def __init__(self, stream: TextIO | None = None, is_quiet: bool = False) -> None:
        """`stream` is where lines go; standard error, since standard output is for results. `is_quiet`: none go."""
        self.stream = stream or sys.stderr
        self.is_quiet = is_quiet
        self.in_terminal = self.stream.isatty()
        self.began = time.monotonic()
        self.steps_written = 0

    def say(self, sentence: str, details: Iterable[str] = ()) -> None:
        """Write a line that begins with the seconds since the beginning, and details below it."""
        self._write(f"{time.monotonic() - self.began:6.1f} s  {sentence}")
        for detail in details:
            self._write(f"            {detail}")

    def show(self, execution: "Execution") -> None:
        """Write what is new about the execution."""
        if self.is_quiet:
            return
        ended = execution.status != "RUNNING"
        finished = [step for step in execution.steps if step.left or ended]
        for step in finished[self.steps_written :]:
            self.say(_line(step))
        self.steps_written = len(finished)
        if self.in_terminal and not ended and len(execution.steps) > self.steps_written:
            text = f"{time.monotonic() - self.began:6.1f} s  {_line(execution.steps[-1])}"
            self.stream.write(f"\r\x1b[K{text}")
            self.stream.flush()

    def _write(self, line: str) -> None:
        if self.is_quiet:
            return
        self.stream.write(f"\r\x1b[K{line}\n" if self.in_terminal else f"{line}\n")
        self.stream.flush()


def _line(step: "Step") -> str:
    took = f"{(step.left - step.entered).total_seconds():5.1f} s" if step.left else "   ..."
    batches = f"  {step.batches_done} of {step.batches} batches" if step.batches else ""
    return f"{step.name:<{NAME_WIDTH}}{took}{batches}"
