"""The processes of this machine, as Linux lists them in /proc."""

import time
from pathlib import Path


def processes() -> dict[int, tuple[int, str]]:
    """Running processes: id -> (parent, command line)."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                state, parent = (entry / "stat").read_text().rsplit(")", 1)[1].split()[:2]
            except OSError:
                continue
            if state != "Z":
                found[int(entry.name)] = (int(parent), command)
    return found


def descendants(ancestor: int) -> set[int]:
    """Everything that `ancestor` started, directly or not."""
    running = processes()
    family = {ancestor}
    while True:
        children = {process for process, (parent, _) in running.items() if parent in family} - family
        if not children:
            return family - {ancestor}
        family |= children


def gone(those: set[int], seconds: float = 15) -> bool:
    """Whether none of the processes is left before the time is over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not those & processes().keys():
            return True
        time.sleep(0.1)
    return False
