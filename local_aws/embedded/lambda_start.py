"""Stands for a Lambda process that another one forked: its output, its environment, its end are ours.

`lambda_start.py COMMAND...` asks the process that forks; where there is none it becomes COMMAND, which starts afresh.
Run by `python -IS` it is there in some 15 ms, so that it imports little and nothing of ours.
"""

import json
import os
import socket
import sys

FOLDER_VARIABLE = "ALMANAC_FORK_FOLDER"  # where the socket is; absent where nothing forks
SERVER_PROCESS_VARIABLE = "ALMANAC_SERVER_PROCESS"
FORK_SOCKET = "fork.socket"
POLL_SECONDS = 0.5
FAILED = 1


def forked(here: str, folder: str) -> socket.socket:
    """A connection with the process that was forked for our environment. OSError if nothing forks.

    The forked process works in `here`, ours stays in `folder`.
    """
    os.chdir(folder)  # the whole path may be longer than an address can be
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(FORK_SOCKET)
    variables = {name: value for name, value in os.environ.items() if name != SERVER_PROCESS_VARIABLE}
    socket.send_fds(connection, [b"\n"], [sys.stdout.fileno()])
    connection.sendall(json.dumps([here, variables]).encode() + b"\n")
    return connection


def end_of(connection: socket.socket, parent: int) -> int:
    """The exit code of the forked process, once it or our parent has ended."""
    connection.settimeout(POLL_SECONDS)
    while os.getppid() == parent:
        try:
            said = connection.recv(1)
        except TimeoutError:
            continue
        return said[0] if said else FAILED
    return FAILED


def main() -> None:
    """Be what was forked, or become the command."""
    command, here, folder = sys.argv[1:], os.getcwd(), os.environ.pop(FOLDER_VARIABLE, "")
    try:
        connection = forked(here, folder)
    except OSError:
        os.chdir(here)
        os.execv(command[0], command)  # noqa: S606 - without a shell, as meant
    sys.exit(end_of(connection, int(os.environ[SERVER_PROCESS_VARIABLE])))


if __name__ == "__main__":
    main()
