"""ARNs of the service's resources: made from names, taken apart again.

Clients build ARNs from names instead of reading them from answers, so the form is part of the contract:
``arn:<partition>:forecast:<region>:<account>:<type>/<name>``, with the parent's name before that of a child,
and a 26-character ULID behind the name of an auto predictor, a monitor, or what belongs to a what-if analysis.
"""

import re
import secrets
import time
from dataclasses import dataclass

# Kind of a record -> resource type in the ARN.
RESOURCE_TYPES = {
    "dataset_group": "dataset-group",
    "dataset": "dataset",
    "dataset_import_job": "dataset-import-job",
    "predictor": "predictor",
    "predictor_backtest_export_job": "predictor-backtest-export-job",
    "forecast": "forecast",
    "forecast_export_job": "forecast-export-job",
    "explainability": "explainability",
    "explainability_export": "explainability-export",
    "monitor": "monitor",
    "monitor_evaluation": "monitor-evaluation",  # ours alone: the API shows evaluations without an ARN of their own
    "what_if_analysis": "what-if-analysis",
    "what_if_forecast": "what-if-forecast",
    "what_if_forecast_export": "what-if-forecast-export",
}
# Kinds whose ARNs carry a ULID, always or (predictors) sometimes: one name must still be given only once.
WITH_ULID = frozenset({"predictor", "monitor", "what_if_analysis", "what_if_forecast", "what_if_forecast_export"})
_KINDS = {resource_type: kind for kind, resource_type in RESOURCE_TYPES.items()}

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ULID_SUFFIX = re.compile(rf"_[{_CROCKFORD}]{{26}}$")


@dataclass(frozen=True)
class Home:
    """Where the service runs: the part that all of its ARNs share."""

    partition: str
    region: str
    account: str

    @classmethod
    def of_function(cls, function_arn: str) -> "Home":
        """The home of the Lambda function with this ARN (``context.invoked_function_arn``)."""
        _, partition, _, region, account, *_ = function_arn.split(":")
        return cls(partition, region, account)

    def arn(self, kind: str, *names: str) -> str:
        """The ARN of a resource; the parent's name precedes that of an import or export job."""
        return f"arn:{self.partition}:forecast:{self.region}:{self.account}:{RESOURCE_TYPES[kind]}/{'/'.join(names)}"


def kind_of(arn: str) -> str | None:
    """The kind of the record an ARN belongs to; None where the ARN is of no kind that we know."""
    parts = arn.split(":", 5)
    if len(parts) != 6 or parts[2] != "forecast":
        return None
    return _KINDS.get(parts[5].partition("/")[0])


def without_ulid(arn: str) -> str:
    """The ARN that the resource would have without the ULID behind its name: one per name.

    >>> without_ulid("arn:aws:forecast:eu-west-1:123456789012:predictor/taxi_01FTHF1KK7E6VVR676WVN24MXC")
    'arn:aws:forecast:eu-west-1:123456789012:predictor/taxi'
    """
    return _ULID_SUFFIX.sub("", arn)


def ulid() -> str:
    """A new ULID: 48 bits of milliseconds and 80 random bits in Crockford's base 32."""
    number = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    return "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))
