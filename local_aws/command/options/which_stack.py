"""The options that name a stack, and where it is: the same for every command that asks one."""

import argparse

from forecast_language import said


def add(parser: argparse.ArgumentParser) -> None:
    """Add ``--endpoint``, ``--profile`` and ``--stack``."""
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--endpoint", metavar="URL", help=said("of a running `almanac up` (default: the one on this machine)")
    )
    where.add_argument("--profile", metavar="NAME", help=said("of your AWS configuration: a stack in AWS"))
    parser.add_argument("--stack", metavar="NAME", default="almanac", help=said("default: almanac"))
