"""The option on how many functions an embedded AWS runs at a time: the same for every command that starts one."""

import argparse

from forecast_language import said
from local_aws.command.options import argument_types


def add(parser: argparse.ArgumentParser) -> None:
    """Add ``--concurrency``."""
    parser.add_argument(
        "--concurrency",
        type=argument_types.positive,
        metavar="N",
        default=0,
        help=said("refuse more than N functions at a time, as an account of AWS does, at its pace (default: no limit)"),
    )
