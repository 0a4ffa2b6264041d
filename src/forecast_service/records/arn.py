"""ARNs of the service's resources: made from names, taken apart again.

Clients build ARNs from names instead of reading them from answers, so the form is part of the contract:
``arn:<partition>:forecast:<region>:<account>:<type>/<name>``, with the parent's name before that of a child,
and a 26-character ULID behind the name of an auto predictor, a monitor, or what belongs to a what-if analysis.
"""

import re
import secrets
import time
from dataclasses import dataclass

from forecast_service.records.kinds import KINDS

_KINDS = {kind.arn_type: name for name, kind in KINDS.items()}

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ULID_SUFFIX = re.compile(rf"_[{_CROCKFORD}]{{26}}$")


@dataclass(frozen=True)
class ArnScope:
    """Where the service runs: the beginning that all of its ARNs share."""

    partition: str
    region: str
    account: str

    @classmethod
    def of_function(cls, function_arn: str) -> "ArnScope":
        """The scope of the Lambda function with this ARN (``context.invoked_function_arn``)."""
        _, partition, _, region, account, *_ = function_arn.split(":")
        return cls(partition, region, account)

    def elsewhere(self, arn: str) -> str | None:
        """Why an ARN of Amazon Forecast can name nothing here; None where region and account are those of the service.

        >>> ArnScope("aws", "eu-west-1", "123456789012").elsewhere("arn:aws:forecast:us-east-1:123456789012:forecast/a")
        'it is of us-east-1, and this service is in eu-west-1'
        """
        _, _, service, region, account, *_ = [*arn.split(":"), *[""] * 5]
        if service != "forecast":
            return None
        if region != self.region:
            return f"it is of {region or 'no region'}, and this service is in {self.region}"
        if account != self.account:
            return f"it is of account {account or 'none'}, and this service is in {self.account}"
        return None

    def arn(self, kind: str, *names: str) -> str:
        """The ARN of a resource; the parent's name precedes that of an import or export job."""
        return f"arn:{self.partition}:forecast:{self.region}:{self.account}:{KINDS[kind].arn_type}/{'/'.join(names)}"


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
