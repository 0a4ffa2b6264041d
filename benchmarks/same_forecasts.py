"""Whether two checkouts make the same forecasts, to the bit: the pin of a change that should not change one.

    python benchmarks/same_forecasts.py CHECKOUT_A CHECKOUT_B [--panels hourly one_series]

Each checkout answers the same questions about six fixed panels (``fixed_panels.py``), at several numbers of shards, in
a process of its own on this machine: imports, accuracy, backtests, forecasts, item models, exports, queries,
explanations, scenarios. What both say is compared as text (``paper_text.py``), with ids and times masked. Within a
checkout the number of shards may not matter either. The script ends with 1 and names what differs; it ends with 2
where a checkout does not get to its end. No digest is kept: bits differ between processors.
"""

import argparse
import hashlib
import os
import re
import subprocess
import sys
import tempfile
import time
from itertools import zip_longest
from pathlib import Path

Papers = dict[str, list[str]]  # name -> lines
Run = tuple[str, int]  # panel, number of shards
NOTHING = "(nothing)"
SUMMED = re.compile(r'^( +"(?:Avg|Stddev)": )([^,]+)')


def differences(first: Papers, second: Papers) -> list[str]:
    """One text for each paper that differs: its name, its first line that differs, and what each of both says there."""
    texts = []
    for name in sorted({*first, *second}):
        pairs = zip_longest(first.get(name, []), second.get(name, []), fillvalue=NOTHING)
        for number, (one, other) in enumerate(pairs, start=1):
            if one != other:
                texts.append(f"{name}, line {number}\n    {one}\n    {other}")
                break
    return texts


def without_order_of_sums(papers: Papers) -> Papers:
    """Papers with ten digits of what an import says of a column: its sums are added up by shard."""
    return {name: [SUMMED.sub(_ten_digits, line) for line in lines] for name, lines in papers.items()}


def _ten_digits(found: re.Match[str]) -> str:
    return f"{found[1]}{float(found[2]):.10g}"


def digest(papers: Papers) -> str:
    """A short digest of papers, to see at a glance that runs are alike."""
    lines = (f"{name}\n" + "\n".join(papers[name]) for name in sorted(papers))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:12]


def read_papers(folder: Path) -> dict[Run, Papers]:
    """What ``forecast_papers.py`` has left in a folder, by panel and number of shards."""
    runs: dict[Run, Papers] = {}
    for path in sorted(folder.glob("*/*/*.txt")):
        run = (path.parts[-3], int(path.parts[-2]))
        runs.setdefault(run, {})[path.stem] = path.read_text(encoding="utf-8").splitlines()
    return runs


def compare(first: dict[Run, Papers], second: dict[Run, Papers]) -> list[str]:
    """Print a row for each panel and number of shards; what differs between the checkouts, or between shards in one."""
    texts = []
    print(f"{'panel':<20}{'shards':>7}{'papers':>8}{'lines':>9}  {'digest':<14}")
    for run in sorted({*first, *second}):
        panel, shard_count = run
        fewest = min(count for name, count in {*first, *second} if name == panel)
        found = {"A and B": differences(first.get(run, {}), second.get(run, {}))}
        for name, runs in (("A", first), ("B", second)):
            sharded = [without_order_of_sums(runs.get((panel, count), {})) for count in (fewest, shard_count)]
            found[f"{name}, {fewest} and {shard_count} shards"] = differences(*sharded)
        papers = first.get(run, {})
        lines = sum(len(paper) for paper in papers.values())
        verdict = "; ".join(f"{what}: {len(unequal)} differ" for what, unequal in found.items() if unequal) or "equal"
        print(f"{panel:<20}{shard_count:>7}{len(papers):>8}{lines:>9}  {digest(papers):<14}{verdict}")
        texts += [f"{panel}, {shard_count} shards: {what}: {text}" for what in found for text in found[what]]
    return texts


def start(checkout: Path, folder: Path, panels: list[str]) -> subprocess.Popen[bytes]:
    """Begin to write the papers of a checkout. One thread, since there are two such processes."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "POWERTOOLS_"))}
    environment = kept | {"PYTHONPATH": str(checkout / "src"), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    script = Path(__file__).parent / "forecast_papers.py"
    return subprocess.Popen([sys.executable, script, checkout, folder, *panels], env=environment)


def main() -> int:
    """Let both checkouts write their papers at the same time, then compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkouts", nargs=2, type=Path, metavar="CHECKOUT")
    parser.add_argument("--keep", type=Path, help="an empty folder in which the papers stay, in A and in B")
    parser.add_argument("--panels", nargs="+", default=[], help="names of panels; all six without it")
    options = parser.parse_args()
    checkouts = [checkout.resolve() for checkout in options.checkouts]
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as temporary:
        folders = [(options.keep or Path(temporary)).resolve() / name for name in "AB"]
        processes = [
            start(checkout, folder, options.panels) for checkout, folder in zip(checkouts, folders, strict=True)
        ]
        ended = [process.wait() for process in processes]
        failed = [checkout for checkout, code in zip(checkouts, ended, strict=True) if code]
        texts = [] if failed else compare(*map(read_papers, folders))
    if failed:
        print(f"Did not get to its end, for the reason above: {', '.join(map(str, failed))}", file=sys.stderr)
        return 2
    used = os.times()
    seconds = f"{time.monotonic() - began:.0f} s, {used.children_user + used.children_system:.0f} CPU seconds"
    print(f"\nA {checkouts[0]}\nB {checkouts[1]}\n{seconds}")
    print(*texts, f"{len(texts)} differ" if texts else "the same forecasts", sep="\n")
    return int(bool(texts))


if __name__ == "__main__":
    sys.exit(main())
