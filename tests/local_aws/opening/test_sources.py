"""Data come from standard input and from addresses too."""

import io
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from local_aws.guessing.table import DataError, open_table

TEXT = b"date,item,sales\n2024-01-01,a,1\n"


class Answers(BaseHTTPRequestHandler):
    """Has one file."""

    def do_GET(self) -> None:
        """Answer with the file, or that it is not there."""
        self.send_response(200 if self.path.startswith("/open") else 404)
        self.end_headers()
        self.wfile.write(TEXT)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    """Of a server on this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_an_address_is_downloaded_and_said(address: str) -> None:
    table = open_table(f"{address}/open/my%20sales.csv?version=2")
    assert table.query("SELECT sales FROM data") == [("1",)]
    assert table.stem == "my sales"
    assert table.announcements == (f"opened      {address}/open/my%20sales.csv?version=2",)
    assert not table.is_own


def test_what_a_server_does_not_have_is_one_sentence(address: str) -> None:
    with pytest.raises(DataError, match=r"/gone\.csv: the server answered 404 \(Not Found\), wanted a file"):
        open_table(f"{address}/gone.csv")
    with pytest.raises(DataError, match=r"http://127\.0\.0\.1:9/a\.csv: cannot be reached"):
        open_table("http://127.0.0.1:9/a.csv")


def test_a_dash_is_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(TEXT)))
    table = open_table("-")
    assert table.query("SELECT sales FROM data") == [("1",)]
    assert (table.stem, table.announcements) == ("standard input", ("opened      standard input",))
