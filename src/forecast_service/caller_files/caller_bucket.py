"""The caller's objects in S3, read and written with the role that the request names."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from boto3.exceptions import S3UploadFailedError
from botocore.exceptions import ClientError

from forecast_files.data_keys import is_data, is_hidden, wanted_name
from forecast_files.input_refused import InputRefused

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MOST_FILES = 10_000  # the service's quota on files under one path
_REFUSED = {
    "AccessDenied",
    "403",
    "AllAccessDisabled",
    "KMS.DisabledException",
    "KMS.NotFoundException",
    "InvalidAccessKeyId",
}
_PASSING = {"Throttling", "ThrottlingException", "RequestLimitExceeded", "InternalFailure", "ServiceUnavailable"}
_MISSING_BUCKET = {"NoSuchBucket", "PermanentRedirect", "301"}


@dataclass(frozen=True)
class CallerFile:
    """One object below an S3 path: its key and its size in bytes."""

    key: str
    size: int


class CallerBucket:
    """The bucket and prefix of one ``S3Config``. Every refusal of S3 is an InputRefused naming path and action."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.path: str = config["Path"]
        self._role_arn: str = config.get("RoleArn", "")
        bucket, _, self._key = self.path.removeprefix("s3://").partition("/")
        self._bucket = bucket
        # Without a key the bucket's own default encryption applies.
        key_arn = config.get("KMSKeyArn")
        self._encryption = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key_arn} if key_arn else {}
        self._client = self._assumed_client()

    def address(self, key: str) -> str:
        """The s3:// address of a key, for messages."""
        return f"s3://{self._bucket}/{key}"

    def files(self) -> list[CallerFile]:
        """The data files of the path, in order of their keys: the object itself, or everything below the folder.

        Left out is what ``data_keys`` takes for no data: markers, what is hidden, and copies such as ``a.csv.bak``.
        Raises InputRefused if there are none or more than the quota.
        """
        files = self._list(self._key, only=self._key) if self._key and not self._key.endswith("/") else []
        if not files:
            folder = self._folder()
            below = {file.key.removeprefix(folder): file for file in self._list(folder)}
            files = [file for path, file in below.items() if is_data(path)]
            others = [path for path in below if not is_hidden(path)]
            if others and not files:
                found = f"found {others[0]}, which is no data by its name"
                raise InputRefused(f"{self.path}: {found}, wanted {wanted_name()}.")
        if not files:
            raise InputRefused(f"{self.path}: found no file, wanted at least one with data.")
        if len(files) > MOST_FILES:
            raise InputRefused(f"{self.path}: found {len(files)} files, wanted at most {MOST_FILES}.")
        return files

    def read(self, key: str, first: int, length: int) -> bytes:
        """``length`` bytes of an object from ``first`` on."""
        with self._refusals("s3:GetObject", self.address(key)):
            byte_range = f"bytes={first}-{first + length - 1}"
            return self._client.get_object(Bucket=self._bucket, Key=key, Range=byte_range)["Body"].read()

    def write(self, name: str, body: bytes) -> None:
        """Put an object below the path."""
        key = self._folder() + name
        with self._refusals("s3:PutObject", self.address(key)):
            self._client.put_object(Bucket=self._bucket, Key=key, Body=body, **self._encryption)

    def upload(self, path: Path, name: str) -> None:
        """Put a local file below the path."""
        key = self._folder() + name
        with self._refusals("s3:PutObject", self.address(key)):
            self._client.upload_file(str(path), self._bucket, key, ExtraArgs=self._encryption)

    def delete(self, beginning: str) -> None:
        """Remove the objects below the path whose names begin so; none there is no error."""
        for file in self._list(self._folder() + beginning):
            with self._refusals("s3:DeleteObject", self.address(file.key)):
                self._client.delete_object(Bucket=self._bucket, Key=file.key)

    def _folder(self) -> str:
        """The key prefix of what lies below the path; a path without a closing slash is a folder all the same."""
        return self._key if not self._key or self._key.endswith("/") else f"{self._key}/"

    def _list(self, prefix: str, only: str | None = None) -> list[CallerFile]:
        files: list[CallerFile] = []
        with self._refusals("s3:ListBucket", self.path):
            if only is not None:  # keys come in order, so that of the file itself is the first
                page = self._client.list_objects_v2(Bucket=self._bucket, Prefix=only, MaxKeys=1)
                return [CallerFile(o["Key"], o["Size"]) for o in page.get("Contents", []) if o["Key"] == only]
            for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix):
                files += [CallerFile(o["Key"], o["Size"]) for o in page.get("Contents", [])]
        return files

    def _assumed_client(self) -> "S3Client":
        if not self._role_arn:
            raise InputRefused(f"{self.path}: found no RoleArn, wanted a role that may read or write there.")
        try:
            answer = boto3.client("sts").assume_role(RoleArn=self._role_arn, RoleSessionName="almanac-forecast-job")
        except ClientError as error:
            if _is_passing(error):
                raise
            reason = error.response["Error"].get("Message", "")
            raise InputRefused(f"{self._role_arn}: sts:AssumeRole was refused ({reason}).") from error
        credentials = answer["Credentials"]
        return boto3.client(
            "s3",
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials["SessionToken"],
        )

    @contextmanager
    def _refusals(self, action: str, address: str) -> Iterator[None]:
        """Turn S3's refusals into sentences; anything else stays what it is, and may be tried again."""
        try:
            yield
        except (ClientError, S3UploadFailedError) as error:
            cause = error if isinstance(error, ClientError) else error.__context__
            code = cause.response["Error"].get("Code", "") if isinstance(cause, ClientError) else ""
            if code in _MISSING_BUCKET:
                raise InputRefused(f"{address}: the bucket {self._bucket} does not exist or is elsewhere.") from error
            if code in _REFUSED:
                raise InputRefused(f"{address}: {action} was refused for the role {self._role_arn}.") from error
            if code == "NoSuchKey":
                raise InputRefused(f"{address}: the file has gone since the job began.") from error
            raise


def _is_passing(error: ClientError) -> bool:
    """Whether a call failed for a reason that is not the caller's, and may be tried again."""
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
    return status >= 500 or error.response["Error"].get("Code") in _PASSING
