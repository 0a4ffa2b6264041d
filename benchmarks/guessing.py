"""How long `almanac forecast --dry-run` takes, and how much memory, over large files and over odd ones.

    python benchmarks/guessing.py [NAME ...]

Each case is a process of its own. Printed are wall and CPU seconds, the most memory in MB, the goal, and the last line
that the command printed. The exit code is 1 if a goal is missed.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

FIRST = date(2020, 1, 1)
DAYS = 1150


def panel(path: Path, megabytes: int) -> None:
    """Sales by day, item and store."""
    days = [(FIRST + timedelta(days=day)).isoformat() for day in range(DAYS)]
    with path.open("w") as file:
        file.write("date,item_id,store,sales\n")
        for item in range(megabytes * 25):
            sales = (f"{item * 7919 * day % 100000 / 100}" for day in range(1, DAYS + 1))
            names = f"item_{item},store_{item % 10}"
            file.writelines(f"{day},{names},{number}\n" for day, number in zip(days, sales, strict=True))


def long_line(path: Path) -> None:
    """A gigabyte without a line break."""
    with path.open("wb") as file:
        for _ in range(1024):
            file.write(b"0123456789abcdef" * 65536)


def wide(path: Path) -> None:
    """Twenty pages, a column for each of a thousand days."""
    days = ",".join((FIRST + timedelta(days=day)).isoformat() for day in range(1000))
    rows = (f"page_{row}," + ",".join(str(row * day % 97) for day in range(1000)) for row in range(20))
    path.write_text("\n".join([f"page,{days}", *rows]) + "\n")


def many_files(path: Path) -> None:
    """A folder of ten thousand small files."""
    path.mkdir()
    for number in range(10_000):
        (path / f"{number}.csv").write_text("date,item,sales\n2024-01-01,a,1\n")


# Name -> what makes the file, the most wall seconds, and the most memory in MB, if that is a goal.
CASES: dict[str, tuple[Callable[[Path], None], float, int | None]] = {
    "10 MB": (lambda path: panel(path, 10), 1, None),
    "200 MB": (lambda path: panel(path, 200), 3, 500),
    "a line of 1 GB": (long_line, 10, None),
    "1,000 columns": (wide, 10, None),
    "10,000 files": (many_files, 10, None),
}


def measured(path: Path) -> tuple[float, float, int, str]:
    """Wall seconds, CPU seconds and megabytes of a dry run, and what it said last."""
    command = [sys.executable, "-m", "local_aws.command.cli", "forecast", str(path), "--dry-run"]
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    said = process.stdout.read() if process.stdout else ""
    _, _, used = os.wait4(process.pid, 0)
    return time.monotonic() - began, used.ru_utime + used.ru_stime, used.ru_maxrss // 1024, said.splitlines()[-1]


def results(names: list[str]) -> Iterator[bool]:
    """Print a line for each case; whether its goals are met."""
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            make, seconds, megabytes = CASES[name]
            path = Path(folder) / f"{name.replace(' ', '_')}.csv"
            make(path)
            wall, cpu, memory, said = measured(path)
            goal = f"<= {seconds} s" + (f", <= {megabytes} MB" if megabytes else "")
            print(f"{name:16} {wall:6.2f} s  {cpu:6.2f} CPU-s  {memory:5} MB  ({goal})  {said[-100:]}", flush=True)
            yield wall <= seconds and (megabytes is None or memory <= megabytes)
            if path.is_file():
                path.unlink()


if __name__ == "__main__":
    sys.exit(0 if all([*results(sys.argv[1:] or [*CASES])]) else 1)
