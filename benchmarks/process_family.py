"""What a process and all of its descendants use: CPU seconds, and memory while a block of code runs (Linux only)."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_SAMPLING_SECONDS = 0.25


@dataclass
class Usage:
    """``cpu_seconds`` of all processes together; ``memory`` and ``largest`` are peaks in MiB of proportional set size.

    Proportional: a page that several processes share counts once. ``memory`` is that of all processes at one moment,
    ``largest`` that of the single largest among those whose command line holds a given word.
    """

    cpu_seconds: float = 0.0
    wall_seconds: float = 0.0
    memory: float = 0.0
    largest: float = 0.0


def family(ancestor: int) -> dict[int, float]:
    """Process -> user and system seconds, with those of its children that have ended, for the whole family."""
    usage: dict[int, tuple[int, float]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:  # ended meanwhile
                continue
            ticks = sum(int(field) for field in fields[11:15])
            usage[int(folder.name)] = (int(fields[1]), ticks / os.sysconf("SC_CLK_TCK"))
    members, grown = {ancestor}, True
    while grown:
        children = {process for process, (parent, _) in usage.items() if parent in members} - members
        members |= children
        grown = bool(children)
    return {process: usage[process][1] for process in members if process in usage}


@contextmanager
def measured(word: str) -> Iterator[Usage]:
    """What this process and its descendants use within the block; ``word`` picks those of ``Usage.largest``."""
    usage, ended = Usage(), threading.Event()
    sampler = threading.Thread(target=_sample, args=(usage, word, ended))
    cpu, wall = sum(family(os.getpid()).values()), os.times().elapsed
    sampler.start()
    try:
        yield usage
    finally:
        ended.set()
        sampler.join()
        usage.cpu_seconds = sum(family(os.getpid()).values()) - cpu
        usage.wall_seconds = os.times().elapsed - wall


def _sample(usage: Usage, word: str, ended: threading.Event) -> None:
    while not ended.wait(_SAMPLING_SECONDS):
        sizes = {process: mebibytes(process) for process in family(os.getpid())}
        usage.memory = max(usage.memory, sum(sizes.values()))
        picked = [size for process, size in sizes.items() if word in _command_line(process)]
        usage.largest = max([usage.largest, *picked])


def mebibytes(process: int) -> float:
    """The proportional set size of a process; 0 of one that has ended."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def _command_line(process: int) -> str:
    try:
        return Path(f"/proc/{process}/cmdline").read_text()
    except OSError:
        return ""
