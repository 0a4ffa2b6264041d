"""Figures by the name ``subject/method/measure``, in a file of JSON that benchmarks add to and the verdict reads."""

import json
from argparse import ArgumentParser
from pathlib import Path

Figures = dict[str, float]
ALMANAC = "Almanac"  # the method that is the engine


def add_option(parser: ArgumentParser) -> None:
    """``--figures FILE``."""
    parser.add_argument("--figures", type=Path, help="a file of JSON to keep the figures in, for verdict.py")


def name_of(subject: str, method: str, measure: str) -> str:
    """What a figure is called."""
    return f"{subject}/{method}/{measure}"


def read(path: Path) -> Figures:
    """The figures of a file; none where there is no such file."""
    return dict(json.loads(path.read_text())) if path.is_file() else {}


def keep(path: Path | None, found: Figures) -> None:
    """Add figures to a file, those of the same name in place of the old ones; nothing without a path."""
    if path is not None:
        path.write_text(json.dumps(read(path) | found, indent=1, sort_keys=True) + "\n")
