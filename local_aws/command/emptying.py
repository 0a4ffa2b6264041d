"""`almanac empty`: what a deleted stack has left is listed, and deleted once the stack's name is typed."""

from dataclasses import dataclass
from functools import partial

from botocore.exceptions import BotoCoreError, ClientError

from forecast_language import said
from local_aws.command.clients import aws_clients
from local_aws.command.failure import CommandFailed
from local_aws.embedded.launcher import client
from local_aws.leftovers.finding import Found, find_leftovers, status_of_stack
from local_aws.leftovers.leftover import Leftover, NotRemovedError
from local_aws.operating.stack import Clients


@dataclass(frozen=True)
class Where:
    """The AWS that the stack was in: at `endpoint`, or the one of AWS's configuration, by `profile` if there is one."""

    endpoint: str | None = None
    profile: str | None = None

    def clients(self) -> Clients:
        """What makes clients of it."""
        return partial(client, endpoint=self.endpoint) if self.endpoint else aws_clients(self.profile)


def empty(stack: str, where: Where, asks: bool) -> None:
    """Delete all that has the stack's mark; with `asks` only once its name has been typed on standard input.

    CommandFailed where the stack is still there, something else is typed, or AWS refuses something.
    """
    try:
        clients = where.clients()
        _require_deleted(clients, stack)
        found = find_leftovers(clients, stack)
        _tell(found, stack, _place(clients))
        if not found.marked:
            return
        if asks:
            _require_name(stack)
        for leftover in found.marked:
            _remove(leftover)
    except (BotoCoreError, ClientError, NotRemovedError) as error:
        raise CommandFailed(str(error)) from error


def _require_deleted(clients: Clients, stack: str) -> None:
    status = status_of_stack(clients, stack)
    if status is not None:
        raise CommandFailed(
            said(
                "stack {stack} is there ({status}), and without its buckets it could do nothing;"
                " delete it first: sam delete --stack-name {stack}",
                stack=stack,
                status=status,
            )
        )


def _place(clients: Clients) -> str:
    identity = clients("sts")
    account, region = identity.get_caller_identity()["Account"], identity.meta.region_name
    return said("account {account}, {region}", account=account, region=region)


def _tell(found: Found, stack: str, place: str) -> None:
    if not found.marked:
        print(said("{place}: nothing is left of the stack {stack}", place=place, stack=stack))
    else:
        print(said("{place}: left of the stack {stack}", place=place, stack=stack))
        for leftover in found.marked:
            print(f"  {leftover.name}: {leftover.amount}")
    for name in found.unmarked:
        print(said("  not touched, since it lacks the stack's mark: {name}", name=name))


def _require_name(stack: str) -> None:
    try:
        question = said("All of it will be deleted for good. The stack's name, if that is what you want: ")
        typed = input(question).strip()
    except EOFError:
        typed = ""
    if typed != stack:
        raise CommandFailed(
            said(
                "nothing was deleted: found {typed!r}, wanted the stack's name, {stack} (or --yes)",
                typed=typed,
                stack=stack,
            )
        )


def _remove(leftover: Leftover) -> None:
    leftover.remove()
    print(said("deleted {leftover}", leftover=leftover.name))
