"""S3 as WebHDFS: what Hadoop's client asks, over HTTP, against moto's S3."""

import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from moto import mock_aws

from local_aws.embedded.glue.s3_gateway import s3_gateway


class Hadoop:
    """A client that follows one redirection, as Hadoop's does."""

    def __init__(self, port: int, s3: Any) -> None:
        self.port, self.s3 = port, s3

    def ask(self, method: str, path: str, operation: str, body: bytes | None = None) -> tuple[int, Any]:
        status, answer, location = self._send(method, f"/webhdfs/v1/{path}?op={operation}", None)
        if status == 307:
            parts = urlsplit(location)
            status, answer, _ = self._send(method, f"{parts.path}?{parts.query}", body)
        return status, json.loads(answer) if answer.startswith(b"{") else answer

    def _send(self, method: str, path: str, body: bytes | None) -> tuple[int, bytes, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        # Hadoop sends a file in chunks, since it does not know its length beforehand.
        connection.request(method, path, iter([body]) if body else None, encode_chunked=bool(body))
        response = connection.getresponse()
        answer = response.read(), response.headers.get("Location", "")
        connection.close()
        return response.status, *answer

    def objects(self) -> list[str]:
        """The keys of the bucket."""
        return [item["Key"] for item in self.s3.list_objects_v2(Bucket="raw").get("Contents", [])]


@pytest.fixture
def hadoop(aws_environment: None) -> Iterator[Hadoop]:
    with mock_aws():
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket="raw")
        s3.put_object(Bucket="raw", Key="raw_data/a b+%.csv", Body=b"0123456789")
        with s3_gateway(s3) as port:
            yield Hadoop(port, s3)


FILE = "raw/raw_data/a%20b+%25.csv"


def test_a_file_is_read_from_any_byte_on(hadoop: Hadoop) -> None:
    assert hadoop.ask("GET", FILE, "OPEN") == (200, b"0123456789")
    assert hadoop.ask("GET", FILE, "OPEN&offset=7") == (200, b"789")
    assert hadoop.ask("GET", FILE, "OPEN&offset=2&length=3") == (200, b"234")
    assert hadoop.ask("GET", FILE, "OPEN&offset=10") == (200, b"")


def test_files_and_folders_have_their_status(hadoop: Hadoop) -> None:
    _, found = hadoop.ask("GET", FILE, "GETFILESTATUS")
    assert (found["FileStatus"]["type"], found["FileStatus"]["length"]) == ("FILE", 10)
    _, found = hadoop.ask("GET", "raw/raw_data", "GETFILESTATUS")
    assert found["FileStatus"]["type"] == "DIRECTORY"
    _, found = hadoop.ask("GET", "raw", "LISTSTATUS")
    assert [status["pathSuffix"] for status in found["FileStatuses"]["FileStatus"]] == ["raw_data"]
    _, found = hadoop.ask("GET", "raw/raw_data", "LISTSTATUS")
    assert [status["pathSuffix"] for status in found["FileStatuses"]["FileStatus"]] == ["a b+%.csv"]


@pytest.mark.parametrize("operation", ["GETFILESTATUS", "LISTSTATUS", "OPEN"])
def test_what_is_missing_is_named_by_its_address(hadoop: Hadoop, operation: str) -> None:
    status, found = hadoop.ask("GET", "raw/nothing", operation)
    assert status == 404
    assert found["RemoteException"]["exception"] == "FileNotFoundException"
    assert found["RemoteException"]["message"] == "s3://raw/nothing does not exist"


def test_a_part_is_written_below_a_temporary_folder_and_moved_when_it_is_whole(hadoop: Hadoop) -> None:
    assert hadoop.ask("PUT", "raw/out/_temporary/0", "MKDIRS") == (200, {"boolean": True})
    _, found = hadoop.ask("GET", "raw/out/_temporary/0", "GETFILESTATUS")
    assert found["FileStatus"]["type"] == "DIRECTORY"
    status, _ = hadoop.ask("PUT", "raw/out/_temporary/0/task/part-0", "CREATE&overwrite=true", b"rows")
    assert status == 201
    assert "out/_temporary/0/task/part-0" in hadoop.objects()
    moved = hadoop.ask("PUT", "raw/out/_temporary/0/task/part-0", "RENAME&destination=/raw/out/part-0")
    assert moved == (200, {"boolean": True})
    assert hadoop.ask("DELETE", "raw/out/_temporary", "DELETE&recursive=true") == (200, {"boolean": True})
    assert hadoop.objects() == ["out/part-0", "raw_data/a b+%.csv"]
    assert hadoop.ask("GET", "raw/out/_temporary", "GETFILESTATUS")[0] == 404
    assert hadoop.ask("GET", "raw/out/part-0", "OPEN") == (200, b"rows")


def test_a_folder_moves_into_a_folder_that_is_there_and_nothing_moves_from_nowhere(hadoop: Hadoop) -> None:
    hadoop.s3.put_object(Bucket="raw", Key="out/kept", Body=b"1")
    assert hadoop.ask("PUT", "raw/raw_data", "RENAME&destination=/raw/out") == (200, {"boolean": True})
    assert hadoop.objects() == ["out/kept", "out/raw_data/a b+%.csv"]
    assert hadoop.ask("PUT", "raw/raw_data", "RENAME&destination=/raw/out") == (200, {"boolean": False})
    assert hadoop.ask("DELETE", "raw/raw_data", "DELETE") == (200, {"boolean": False})


def test_the_rest_of_what_hadoop_asks_has_an_answer(hadoop: Hadoop) -> None:
    assert hadoop.ask("GET", FILE, "GET_BLOCK_LOCATIONS")[1]["LocatedBlocks"]["fileLength"] == 10
    assert hadoop.ask("GET", FILE, "GETFILEBLOCKLOCATIONS")[1]["BlockLocations"] == {"BlockLocation": []}
    assert hadoop.ask("GET", "", "GETHOMEDIRECTORY") == (200, {"Path": "/"})
    assert hadoop.ask("PUT", FILE, "SETPERMISSION&permission=755")[0] == 200
    status, found = hadoop.ask("PUT", FILE, "CREATESYMLINK")
    assert (status, found["RemoteException"]["message"]) == (400, "CREATESYMLINK is not answered here")
