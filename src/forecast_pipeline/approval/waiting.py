"""A forecast that waits for a person: what stands in the bucket behind the links of its mail.

The secret of a link is 32 bytes by chance, and stands nowhere else: the object is called by its hash. It is deleted
with the decision, and the state machine takes no decision once the wait is over.
"""

import hashlib
import re
import secrets
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlencode

from botocore.exceptions import ClientError
from pydantic import AwareDatetime, BaseModel

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

FOLDER = "tmp/approvals/"
SECRET = re.compile(r"[\w-]{43}", re.ASCII)
Decision = Literal["approve", "hold"]


class Waiting(BaseModel):
    """The run that waits, what its forecast is called, until when it waits, and by which token it goes on."""

    Run: str
    Forecast: str
    Until: AwareDatetime
    TaskToken: str


def keep(s3: "S3Client", bucket: str, waiting: Waiting) -> str:
    """Write down what waits; returns the secret by which ``find`` finds it."""
    secret = secrets.token_urlsafe(32)
    s3.put_object(
        Bucket=bucket, Key=_key(secret), Body=waiting.model_dump_json().encode(), ContentType="application/json"
    )
    return secret


def find(s3: "S3Client", bucket: str, secret: str) -> Waiting | None:
    """What waits behind a secret; None where nothing does, or no longer."""
    if not SECRET.fullmatch(secret):
        return None
    try:
        body = s3.get_object(Bucket=bucket, Key=_key(secret))["Body"].read()
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchKey":
            return None
        raise
    return Waiting.model_validate_json(body)


def forget(s3: "S3Client", bucket: str, secret: str) -> None:
    """Let a secret lead nowhere from now on."""
    s3.delete_object(Bucket=bucket, Key=_key(secret))


def link(url: str, secret: str, decision: Decision) -> str:
    """The link of a mail; ``url`` is that of the function that answers it."""
    return f"{url}?{urlencode({'key': secret, 'decision': decision})}"


def _key(secret: str) -> str:
    return f"{FOLDER}{hashlib.sha256(secret.encode()).hexdigest()}.json"
