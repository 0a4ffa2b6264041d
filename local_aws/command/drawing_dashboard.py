"""`almanac dashboard`: the dashboard of template.yaml over the tables of a stack, here or in AWS, as one HTML file."""

from dataclasses import dataclass
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from forecast_language import said
from local_aws.command.clients import clients_of
from local_aws.command.failure import CommandFailed
from local_aws.dashboard.athena import Athena, QueryError
from local_aws.dashboard.definition import read_dashboard
from local_aws.dashboard.page import dashboard_page
from local_aws.dashboard.page_data import NothingPublishedError, page_data
from local_aws.embedded.launcher import StartError
from local_aws.embedded.running import TEMPLATE
from local_aws.embedded.template import read_template
from local_aws.operating.stack import Stack


@dataclass(frozen=True)
class WhichStack:
    """A stack, and where it is: at `endpoint`, in AWS by `profile`, or wherever there is one.

    Without `database` and `workgroup` the outputs of the stack `name` say them.
    """

    name: str
    endpoint: str | None = None
    profile: str | None = None
    database: str | None = None
    workgroup: str | None = None


def draw_dashboard(stack: WhichStack, path: Path) -> str:
    """Write the page to `path`; gives the database. CommandFailed where no stack answers, or its tables are empty."""
    try:
        athena = _athena(stack)
        page = dashboard_page(page_data(read_dashboard(read_template(TEMPLATE)), athena.ask, athena.database))
    except (BotoCoreError, ClientError, QueryError, NothingPublishedError, StartError) as error:
        raise CommandFailed(str(error)) from error
    path.write_text(page, encoding="utf-8")
    return athena.database


def _athena(stack: WhichStack) -> Athena:
    client = clients_of(stack.endpoint, stack.profile)
    outputs = {} if stack.database and stack.workgroup else _outputs(Stack(client, stack.name))
    database, workgroup = stack.database or outputs["DatabaseName"], stack.workgroup or outputs["WorkgroupName"]
    return Athena(client("athena"), client("s3"), database, workgroup)


def _outputs(stack: Stack) -> dict[str, str]:
    if not {"DatabaseName", "WorkgroupName"} <= stack.outputs.keys():
        raise CommandFailed(
            said(
                "stack {stack} has no outputs DatabaseName and WorkgroupName; --database and --workgroup say them",
                stack=stack.name,
            )
        )
    return stack.outputs
