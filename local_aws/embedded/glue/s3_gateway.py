"""The embedded S3 as WebHDFS: the Hadoop client of PyPI's Spark speaks that, but S3 only with jars from Maven.

One server on 127.0.0.1 answers for all buckets: /webhdfs/v1/BUCKET/KEY. The operations are those that Spark asks for as
it reads and writes files: https://hadoop.apache.org/docs/stable/hadoop-project-dist/hadoop-hdfs/WebHDFS.html
"""

import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from botocore.exceptions import ClientError

from local_aws.embedded.glue.bucket_tree import BucketTree

ROOT = "/webhdfs/v1"
BYTES_AT_A_TIME = 1 << 20


@contextlib.contextmanager
def s3_gateway(s3: Any) -> Iterator[int]:
    """Serve the buckets of ``s3``, a boto3 client, while the block lasts; gives the port."""
    handler = type("BucketsHandler", (WebHdfsHandler,), {"tree": BucketTree(s3)})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()


class WebHdfsHandler(BaseHTTPRequestHandler):
    """Answers one connection. Reading and writing a file takes two requests, as WebHDFS wants: the first is sent on."""

    tree: BucketTree
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """GETFILESTATUS, LISTSTATUS, OPEN, a home, and where blocks of a file lie: nowhere in particular."""
        path, operation, query = self._asked()
        if operation == "GETFILESTATUS":
            status = self.tree.status(path)
            self._answer({"FileStatus": status}) if status else self._answer_missing(path)
        elif operation == "LISTSTATUS":
            children = self.tree.children(path)
            self._answer_missing(path) if children is None else self._answer({"FileStatuses": {"FileStatus": children}})
        elif operation == "GET_BLOCK_LOCATIONS":
            length = (self.tree.status(path) or {}).get("length", 0)
            blocks = {"fileLength": length, "isUnderConstruction": False, "isLastBlockComplete": True}
            self._answer({"LocatedBlocks": blocks | {"locatedBlocks": [], "lastLocatedBlock": None}})
        elif operation == "GETFILEBLOCKLOCATIONS":  # Hadoop 3.4, with Spark 4, asks this first
            self._answer({"BlockLocations": {"BlockLocation": []}})
        elif operation == "GETHOMEDIRECTORY":
            self._answer({"Path": "/"})
        elif operation == "OPEN":
            self._open(path, query)
        else:
            self._answer_unsupported(operation)

    def do_PUT(self) -> None:
        """CREATE, MKDIRS, RENAME; owners, modes and times are taken and forgotten, since S3 has none."""
        path, operation, query = self._asked()
        content = self._body()
        if operation == "CREATE":
            if "direct" not in query:
                self._send_on()
                return
            self.tree.write(path, content)
            self._respond(201, b"")
        elif operation == "MKDIRS":
            self.tree.make_folder(path)
            self._answer({"boolean": True})
        elif operation == "RENAME":
            self._answer({"boolean": self.tree.rename(path, unquote(query["destination"]).strip("/"))})
        elif operation in ("SETPERMISSION", "SETOWNER", "SETTIMES", "SETREPLICATION"):
            self._respond(200, b"")
        else:
            self._answer_unsupported(operation)

    def do_DELETE(self) -> None:
        """DELETE of a file or of a folder with all in it."""
        path, _, _ = self._asked()
        self._answer({"boolean": self.tree.delete(path)})

    def log_message(self, *_: Any) -> None:
        """Nothing is logged: a job asks hundreds of times."""

    def _open(self, path: str, query: dict[str, str]) -> None:
        if "direct" not in query:
            self._send_on()
            return
        length = int(query["length"]) if "length" in query else None
        try:
            found = self.tree.content(path, int(query.get("offset", 0)), length)
        except ClientError as error:
            at_the_end = error.response["Error"]["Code"] == "InvalidRange"
            self._respond(200, b"") if at_the_end else self._answer_missing(path)
            return
        self._begin(200, "application/octet-stream", found["ContentLength"])
        with contextlib.suppress(ConnectionError):  # Spark leaves off at the end of its part of the file
            for piece in found["Body"].iter_chunks(BYTES_AT_A_TIME):
                self.wfile.write(piece)
            return
        self.close_connection = True

    def _asked(self) -> tuple[str, str, dict[str, str]]:
        """Path, operation and the rest of the query."""
        parts = urlsplit(self.path)
        query = {name.lower(): values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        return unquote(parts.path.removeprefix(ROOT)).strip("/"), query.get("op", "").upper(), query

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        content = bytearray()
        while size := int(self.rfile.readline().split(b";")[0], 16):
            content += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return bytes(content)

    def _send_on(self) -> None:
        _, port = self.connection.getsockname()
        self._begin(307, "application/octet-stream", 0, Location=f"http://127.0.0.1:{port}{self.path}&direct=1")

    def _answer(self, document: dict[str, Any], status: int = 200) -> None:
        self._respond(status, json.dumps(document).encode())

    def _answer_missing(self, path: str) -> None:
        self._answer_refusal(404, "java.io.FileNotFoundException", f"s3://{path} does not exist")

    def _answer_unsupported(self, operation: str) -> None:
        self._answer_refusal(400, "java.lang.UnsupportedOperationException", f"{operation} is not answered here")

    def _answer_refusal(self, status: int, java_class: str, message: str) -> None:
        exception = {"exception": java_class.rpartition(".")[2], "javaClassName": java_class, "message": message}
        self._answer({"RemoteException": exception}, status)

    def _respond(self, status: int, body: bytes) -> None:
        self._begin(status, "application/json", len(body))
        self.wfile.write(body)

    def _begin(self, status: int, content_type: str, length: int, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": content_type, "Content-Length": str(length), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
