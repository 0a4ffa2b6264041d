"""Make the exports of a run the latest forecast: tables, accuracy against seasonal naive, report."""

import os
from typing import Any

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext

from forecast_pipeline.forecast_resources import passing_errors
from forecast_pipeline.runs.published import ApprovalWait
from forecast_pipeline.runs.run_document import PublishingPiece, WithPublished

logger = Logger()
tracer = Tracer()


@logger.inject_lambda_context
@tracer.capture_lambda_handler
@passing_errors()
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any] | None:
    """Take a run document whose exports are ACTIVE; return what goes to ``$.Published``.

    That is the published document, or the work of a run that is too large for one invocation. Each piece of it is an
    event of the members Step (read, shard or finish), Number (not of finish) and Document; finish returns the
    published document. So does Step decided, of a forecast that waited for a person.
    """
    # duckdb and numpy load here, not with the module, so that importing the handler stays quick.
    from forecast_pipeline.publishing.publish import CatalogNames, Publishing, engine_of  # noqa: PLC0415

    names = CatalogNames(
        stack=os.environ["STACK_NAME"],
        database=os.environ["DATABASE_NAME"],
        train_table=os.environ["TRAIN_TABLE_NAME"],
        forecast_table=os.environ["FORECAST_TABLE_NAME"],
        item_models_table=os.environ["ITEM_MODELS_TABLE_NAME"],
        engine=engine_of(is_amazons="AWS_ENDPOINT_URL_FORECAST" not in os.environ),
    )
    piece = (
        PublishingPiece.model_validate(event)
        if "Step" in event
        else PublishingPiece.model_validate({"Document": event})
    )
    hours, url = int(os.environ["APPROVAL_HOURS"]), os.environ["APPROVAL_URL"]
    publishing = Publishing(piece.Document, names, ApprovalWait(Seconds=hours * 3600, Url=url) if hours else None)
    if piece.Step == "decided":
        return publishing.decided(WithPublished.model_validate(event["Document"]).Approval).model_dump()
    if piece.Step in ("read", "shard"):
        (publishing.read if piece.Step == "read" else publishing.shard)(piece.Number)
        return None
    answer = (publishing.finish() if piece.Step == "finish" else publishing.publish()).model_dump()
    logger.info("What was published", extra=answer)
    return answer
