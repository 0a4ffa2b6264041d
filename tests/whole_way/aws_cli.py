"""The AWS CLI for a script that calls it a hundred times: one process has imported it, and forks for each call.

`python aws_cli.py SOCKET`, on the CLI's own Python, is that process. What a script finds as `aws` hands its arguments,
its environment and its three streams to it, and ends as the fork ends. An import costs the CLI most of a second.
"""

import contextlib
import json
import os
import socket
import subprocess
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path

CALLED = ("forecast", "forecastquery", "s3")  # services whose descriptions are read before the first call
CALLER = """\
#!{python} -IS
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as connection:
    connection.connect({listening!r})
    socket.send_fds(connection, [b"."], [0, 1, 2])
    connection.sendall(json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode() + b"\\n")
    sys.exit((connection.recv(1) or b"\\x01")[0])
"""


@contextlib.contextmanager
def quick_aws_cli(cli: Path, folder: Path, environment: dict[str, str]) -> Iterator[dict[str, str]]:
    """While this lasts, the environment that it gives, like the one given, has on its PATH an `aws` that is quick.

    `cli` is an `aws`; where it is not that of a Python environment of its own, it is on the PATH as it is.
    """
    python, listening = cli.with_name("python"), folder / "socket"
    path = f"{folder}{os.pathsep}{cli.parent}{os.pathsep}{environment['PATH']}"
    is_forked = sys.platform == "linux" and (cli.parent.parent / "pyvenv.cfg").exists()
    if not is_forked:  # forking after imports is not safe elsewhere
        yield environment | {"PATH": path}
        return
    caller = folder / "aws"
    caller.write_text(CALLER.format(python=sys.executable, listening=str(listening)))
    caller.chmod(0o755)
    command = [str(python), __file__, str(listening)]
    with subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as forking:
        try:
            assert forking.stdout is not None
            assert forking.stdout.readline() == b"listening\n"
            yield environment | {"PATH": path}
        finally:
            forking.terminate()


def main(listening: str) -> None:
    """Fork for each connection until the process is ended."""
    from awscli.clidriver import create_clidriver  # type: ignore[import-not-found]  # noqa: PLC0415 - of its own Python

    driver = create_clidriver()
    for service in CALLED:
        driver.session.create_client(service)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(listening)
        listener.listen()
        print("listening", flush=True)
        while True:
            with listener.accept()[0] as connection:
                if os.fork() == 0:
                    _call(driver, connection)
            with contextlib.suppress(ChildProcessError):  # there is none
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass


def _call(driver: object, connection: socket.socket) -> None:
    """Be the call that the other end of the connection describes, and tell it how that ended."""
    code = 1
    try:
        _, streams, *_ = socket.recv_fds(connection, 1, 3)
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        arguments, folder, variables = json.loads(connection.makefile("rb").readline())
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(variables)
        code = driver.main(arguments)  # type: ignore[attr-defined]
        sys.stdout.flush()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:  # as an interpreter does at the top of a program
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        connection.send(bytes([code & 255]))
        os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
