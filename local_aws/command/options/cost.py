"""The options of `almanac cost`, and what they ask for."""

import argparse

from local_aws.command.options import which_stack


def add(cost: argparse.ArgumentParser) -> None:
    """Add the options to the parser of the command."""
    cost.set_defaults(run=run)
    which_stack.add(cost)
    cost.add_argument("--runs", type=int, default=5, metavar="N", help="how many of the newest (default: 5)")
    cost.add_argument("--prices", metavar="REGION", help="at whose prices (default: the stack's region)")
    cost.add_argument("--architecture", choices=("arm64", "x86_64"), default="arm64", help="default: arm64")


def run(given: argparse.Namespace) -> None:
    """Say what the runs used and cost. CommandFailed where no stack answers."""
    from local_aws.command.costing import PricedStack, tell_cost  # noqa: PLC0415 - boto3 takes a second, --help none

    stack = PricedStack(given.stack, given.endpoint, given.profile, given.prices, given.architecture)
    tell_cost(stack, given.runs)
