"""The options of `almanac completion`, and what a shell asks of it."""

import argparse
import os

from forecast_language import said
from local_aws.command.options.argument_types import one_of
from local_aws.command.parsing.parser import Examples

SHELLS = ("bash", "zsh", "fish")


def examples() -> Examples:
    """What the help shows."""
    return (
        ("almanac completion bash", said('eval "$(almanac completion bash)" in ~/.bashrc')),
        ("almanac completion zsh", said('eval "$(almanac completion zsh)" in ~/.zshrc, behind compinit')),
        ("almanac completion fish", said("almanac completion fish | source, in config.fish")),
    )


def add(completion: argparse.ArgumentParser) -> None:
    """Add the argument to the parser of the command."""
    completion.set_defaults(run=run)
    completion.add_argument("shell", metavar="SHELL", type=one_of(SHELLS), choices=SHELLS, help=", ".join(SHELLS))


def run(given: argparse.Namespace) -> None:
    """Print what a shell runs to complete commands, options and files behind Tab."""
    import argcomplete  # noqa: PLC0415 - nothing else needs it

    print(argcomplete.shellcode(["almanac"], shell=given.shell))


def answer_shell(parser: argparse.ArgumentParser) -> None:
    """Where it is a shell that asks, answer what may stand there, and end the process."""
    if "_ARGCOMPLETE" in os.environ:
        import argcomplete  # noqa: PLC0415 - as above

        argcomplete.autocomplete(parser)
