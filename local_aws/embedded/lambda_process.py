"""One Lambda execution environment: AWS's own runtime client over a function's folder and its layers.

The embedded AWS runs this file where the cloud would start the Python runtime. Third-party packages come from the
environment of the Python that runs it; our own come only from the layers, so that a package missing from a layer is
missed here as it would be in the cloud.

`lambda_process.py fork` is no environment itself: it has imported what most functions import, and forks one for each
`lambda_start.py` that asks, which saves a third of a second each (decision 0616).
"""

import contextlib
import gc
import importlib
import json
import os
import socket
import sys
import threading
import time
import traceback
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

SERVER_PROCESS_VARIABLE = "ALMANAC_SERVER_PROCESS"
LAYERS_VARIABLE = "ALMANAC_LAYERS"
FORK = "fork"
FORK_SOCKET = "fork.socket"  # in the folder of the server
IMPORTED_BEFORE_FORK = (
    "aws_lambda_powertools.utilities.typing",
    "aws_xray_sdk.core",
    "boto3",
    "duckdb",
    "holidays",
    "lightgbm",
    "numpy.typing",
    "pydantic.main",
    "pydantic.types",
    "simplejson",
)
CALLED_BY_FUNCTIONS = ("s3", "forecast", "stepfunctions", "dynamodb", "sts", "sns", "glue")
POLL_SECONDS = 0.5
FAILED = 1


def end_with(process_id: int) -> None:
    """Exit as soon as `process_id` is no longer our parent, however it ended."""
    while os.getppid() == process_id:
        time.sleep(POLL_SECONDS)
    os._exit(0)


def module_path(existing: list[str], layers: str, task_root: str) -> list[str]:
    """Where modules are looked for: the function, its layers, then third-party packages, but not the checkout.

    What `sam build` compiled for another Python cannot be loaded here; then third-party packages come first.
    """
    third_party = [entry for entry in existing if not in_a_checkout(entry)]
    layer = Path(layers) / "python"
    if compiled_for_another_python(layer):
        return [task_root, *third_party, str(layer)]
    return [task_root, str(layer), *third_party]


def in_a_checkout(entry: str) -> bool:
    """Whether a folder of the module path is Almanac's: the folder of this file, or a folder with our packages.

    An environment that two checkouts share names the folders of the checkout that it was made for.
    """
    folder = Path(entry)
    projects = [project for project in (folder, folder.parent) if (project / "pyproject.toml").is_file()]
    return not entry or folder == Path(__file__).parent or any((project / "local_aws").is_dir() for project in projects)


def compiled_for_another_python(folder: Path) -> bool:
    """Whether a package in the folder has an extension module that names another version or machine than ours."""
    return any(
        ".cpython-" in path.name and not path.name.endswith(EXTENSION_SUFFIXES[0]) for path in folder.glob("*/*.so")
    )


def serve() -> None:
    """Serve invocations of the function that the environment names until the process is stopped."""
    sys.path[:] = module_path(sys.path, os.environ.pop(LAYERS_VARIABLE), os.environ["LAMBDA_TASK_ROOT"])

    from awslambdaric import bootstrap  # noqa: PLC0415 - after the path, so that a layer may bring its own
    from awslambdaric.lambda_runtime_client import LambdaRuntimeClient  # noqa: PLC0415

    bootstrap.run(os.environ["_HANDLER"], LambdaRuntimeClient(os.environ["AWS_LAMBDA_RUNTIME_API"], False))


def fork_processes(parent: int) -> None:
    """Fork an environment for each connection to `FORK_SOCKET`, until `parent` is no longer our parent."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(FORK_SOCKET)
        listener.listen()  # before the imports: who asks meanwhile waits
        sys.modules["pandas"] = None  # type: ignore[assignment]  # no layer has it; LightGBM would take it, and threads
        for name in IMPORTED_BEFORE_FORK:
            with contextlib.suppress(ImportError):  # a runtime of its own has them in the layers alone
                importlib.import_module(name)
        with contextlib.suppress(ImportError):
            _read_once()
        gc.freeze()
        listener.settimeout(POLL_SECONDS)
        while os.getppid() == parent:
            with contextlib.suppress(TimeoutError), listener.accept()[0] as connection:
                if os.fork() == 0:
                    listener.close()
                    _be_forked(connection)
            _collect_ended()


def _read_once() -> None:
    """What botocore reads for each session, and pydantic for its first model: a tenth of a second a process."""
    import boto3  # noqa: PLC0415 - a runtime of its own may have neither
    import botocore.session  # noqa: PLC0415
    import pydantic  # noqa: PLC0415

    descriptions = botocore.session.create_loader()
    botocore.session.create_loader = lambda *_: descriptions
    session = boto3.Session("none", "none", region_name="us-east-1")
    for service in CALLED_BY_FUNCTIONS:
        session.client(service)  # type: ignore[call-overload]
    pydantic.create_model("Any", number=int)(number=1)


def _collect_ended() -> None:
    with contextlib.suppress(ChildProcessError):  # there is none
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _be_forked(connection: socket.socket) -> None:
    """Become the environment that the other end of the connection describes, and tell it how that ended."""
    code: object = FAILED
    try:
        connection.setblocking(True)
        _, (output,), *_ = socket.recv_fds(connection, 1, 1)
        folder, variables = json.loads(connection.makefile("rb").readline())
        os.dup2(output, sys.stdout.fileno())
        os.dup2(output, sys.stderr.fileno())
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(variables)
        threading.Thread(target=_end_with_connection, args=(connection,), daemon=True).start()
        serve()
    except SystemExit as end:
        code = end.code
    except BaseException:  # as an interpreter does at the top of a program
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        with contextlib.suppress(OSError):
            connection.send(bytes([code if isinstance(code, int) else FAILED]))
        os._exit(FAILED)


def _end_with_connection(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.recv(1)
    os._exit(0)


def main() -> None:
    """Fork environments, or be one."""
    parent = int(os.environ.pop(SERVER_PROCESS_VARIABLE))
    if sys.argv[1:] == [FORK]:
        fork_processes(parent)
    else:
        threading.Thread(target=end_with, args=(parent,), daemon=True).start()
        serve()


if __name__ == "__main__":
    main()
