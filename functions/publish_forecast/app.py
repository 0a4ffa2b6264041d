"""Make the exports of a run the latest forecast: tables, accuracy against seasonal naive, report."""

import os
from typing import Any

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext

from forecast_pipeline.forecast_resources import passing_errors
from forecast_pipeline.runs.run_document import WithPredictor

logger = Logger()
tracer = Tracer()


@logger.inject_lambda_context
@tracer.capture_lambda_handler
@passing_errors()
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Take a run document whose exports are ACTIVE; return what goes to ``$.Published``."""
    # duckdb and numpy load here, not with the module, so that importing the handler stays quick.
    from forecast_pipeline.publishing.publish import CatalogNames, publish  # noqa: PLC0415

    names = CatalogNames(
        stack=os.environ["STACK_NAME"],
        database=os.environ["DATABASE_NAME"],
        train_table=os.environ["TRAIN_TABLE_NAME"],
        forecast_table=os.environ["FORECAST_TABLE_NAME"],
        item_models_table=os.environ["ITEM_MODELS_TABLE_NAME"],
    )
    published = publish(WithPredictor.model_validate(event), names).model_dump()
    logger.info("The latest forecast is this run's", extra=published)
    return published
