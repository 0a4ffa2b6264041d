"""What the pipeline's handlers share: params.json, run names, and waiting for resources of Amazon Forecast.

Amazon Forecast is known here as ``boto3.client("forecast")`` and no more; whether Amazon's service answers or the one
of this repository is a matter of ``AWS_ENDPOINT_URL_FORECAST``.
"""

from forecast_pipeline.forecast_resources import (
    ResourceFailed,
    ResourcePending,
    ServiceUnreachable,
    create_unless_exists,
    forecast_client,
    require_active,
    sibling_arn,
)

__all__ = [
    "ResourceFailed",
    "ResourcePending",
    "ServiceUnreachable",
    "create_unless_exists",
    "forecast_client",
    "require_active",
    "sibling_arn",
]
