"""The options of `almanac cost`, and what they ask for."""

import argparse

from forecast_language import said
from local_aws.command.options import argument_types, output, which_stack
from local_aws.command.options.argument_types import one_of
from local_aws.command.parsing.parser import Examples

ARCHITECTURES = ("arm64", "x86_64")


def examples() -> Examples:
    """What the help shows."""
    return (
        ("almanac cost", said("of the newest five runs")),
        ("almanac cost --runs 1 --prices us-east-1", said("of the newest, at the prices of a region")),
        ("almanac cost --profile work --stack almanac --json", said("of a stack in AWS, for a program")),
    )


def add(cost: argparse.ArgumentParser) -> None:
    """Add the options to the parser of the command."""
    cost.set_defaults(run=run)
    cost.add_argument(
        "--runs", type=argument_types.positive, default=5, metavar="N", help=said("how many of the newest (default: 5)")
    )
    cost.add_argument(
        "--prices",
        type=argument_types.region,
        metavar="REGION",
        help=said("at whose prices (default: the stack's region)"),
    )
    cost.add_argument(
        "--architecture",
        type=one_of(ARCHITECTURES),
        choices=ARCHITECTURES,
        default="arm64",
        help=said("default: arm64"),
    )
    which_stack.add(cost)
    output.add(cost)


def run(given: argparse.Namespace) -> None:
    """Say what the runs used and cost. CommandFailed where no stack answers."""
    from local_aws.command.costing import PricedStack, cost_of  # noqa: PLC0415 - boto3 takes a second, --help none

    stack = PricedStack(given.stack, given.endpoint, given.profile, given.prices, given.architecture)
    cost = cost_of(stack, given.runs)
    output.tell(given, cost.lines(), cost.document)
