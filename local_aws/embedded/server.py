"""The process of the embedded AWS: serves on 127.0.0.1 until the pipe on its standard input closes.

`python -m local_aws.embedded.server FOLDER PORT PYTHON SLOTS RECORD DATA` prints the port it serves on as its one line
of output (PORT 0: a free one); PYTHON runs the functions, SLOTS of them at a time (0: no limit). With RECORD, IAM is
asked of each call, and the file RECORD tells what. DATA is the folder that keeps all. Either may be empty.
The pipe closes when the launcher says so and when the launcher dies, so nothing is left behind either way.
"""

import asyncio
import os
import shutil
import signal
import socket
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from local_aws.embedded import fork_server
from local_aws.embedded.keeping.data_folder import NOT_SAVED, DataFolder


@dataclass(frozen=True)
class Given:
    """What the launcher says beside the port."""

    folder: Path
    interpreter: Path
    slots: int
    record: Path | None
    data: DataFolder | None


def main() -> None:
    """Bind, hook, and serve until `_end_with_launcher` ends it all."""
    folder, port, record, data = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[5], sys.argv[6]
    given = Given(
        folder,
        Path(sys.argv[3]),
        int(sys.argv[4]),
        Path(record) if record else None,
        DataFolder(Path(data)) if data else None,
    )
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the launcher's; it closes the pipe
    with socket.create_server(("127.0.0.1", port)) as listener:
        port = listener.getsockname()[1]
        _prepare_environment(folder, port, asks_iam=given.record is not None)
        fork_server.start(folder, given.interpreter)
        threading.Thread(target=_end_with_launcher, args=(given, port), daemon=True).start()
        asyncio.run(_serve(listener, port, given))


def _prepare_environment(folder: Path, port: int, asks_iam: bool) -> None:
    """What ministack reads when it is imported, and what our functions inherit."""
    region = os.environ["AWS_REGION"]
    for name in [name for name in os.environ if name.startswith(("AWS_", "MINISTACK_", "LAMBDA_", "LOCALSTACK_"))]:
        del os.environ[name]
    os.environ.update(
        AWS_REGION=region,
        MINISTACK_REGION=region,  # of what no request asks for
        AUTH=str(asks_iam).lower(),
        GATEWAY_PORT=str(port),
        BIND_HOST="127.0.0.1",
        IOT_MTLS_ENABLED="0",  # MQTT and SFTP would listen on all addresses, and mint certificates at every start
        SFTP_ENABLED="0",
        MINISTACK_HOST="localhost",
        AWS_ENDPOINT_URL=f"http://127.0.0.1:{port}",
        AWS_EC2_METADATA_DISABLED="true",
        AWS_CONFIG_FILE=os.devnull,
        AWS_SHARED_CREDENTIALS_FILE=os.devnull,
        TMPDIR=str(folder),
        S3_PERSIST="1",  # what objects hold lies on disk, as `keeping/object_bodies.py` has it
        S3_DATA_DIR=str(folder / "s3"),
        DOCKER_HOST=f"unix://{folder}/no-docker.sock",  # ministack would remove containers of others at start and end
        POWERTOOLS_TRACE_DISABLED="true",  # no X-Ray daemon listens here
        OPENBLAS_NUM_THREADS="1",  # as many processes as cores already run
        PYTHONUNBUFFERED="1",
    )


async def _serve(listener: socket.socket, port: int, given: Given) -> None:
    from hypercorn.asyncio import serve  # noqa: PLC0415 - reads the environment when imported, as do the next two
    from hypercorn.config import Config  # noqa: PLC0415
    from ministack import app  # noqa: PLC0415

    from local_aws.embedded import hooks, iam  # noqa: PLC0415

    hooks.install(given.folder, f"http://127.0.0.1:{port}", given.interpreter, given.slots)
    if given.record:
        iam.install(given.record)
    if given.data:
        _restore(given.data, port)
    config = Config()
    config.bind = [f"fd://{listener.fileno()}"]
    config.keep_alive_timeout = 75
    config.loglevel = "WARNING"
    print(port, flush=True)
    await serve(app.app, config, shutdown_trigger=asyncio.Event().wait)  # never: see _end_with_launcher


def _restore(data: DataFolder, port: int) -> None:
    from local_aws.embedded.keeping import saved_state  # noqa: PLC0415 - ministack, as above

    try:
        saved_state.restore(data, port)
    except Exception as error:
        said = f"what {data.path} keeps cannot be read: {type(error).__name__}: {error}"
        print(said, file=sys.stderr, flush=True)
        os._exit(1)  # an end in order would stumble over the thread that reads the pipe, and say so last


def _end_with_launcher(given: Given, port: int) -> None:
    """Once the pipe closes, keep what is to be kept, remove the folder and kill the whole group: Lambda processes, and
    at last ourselves.

    Nothing here is worth a graceful end, which would wait for the functions that are running.
    """
    sys.stdin.buffer.read()
    if not given.data or _saved(given.data, port):
        shutil.rmtree(given.folder, ignore_errors=True)
    os.killpg(os.getpgrp(), signal.SIGKILL)


def _saved(data: DataFolder, port: int) -> bool:
    """Whether all is kept that was there to keep. Standard error, which the launcher reads, says why not."""
    from local_aws.embedded.keeping import saved_state  # noqa: PLC0415 - ministack, as above

    try:
        if data.kept().stands:
            saved_state.save(data, port)
    except Exception as error:
        earlier = f"; what was saved before is kept: {data.path}" if data.kept().state else ""
        print(f"{NOT_SAVED}{data.path}: {type(error).__name__}: {error}{earlier}", file=sys.stderr, flush=True)
        return False
    return True


if __name__ == "__main__":
    main()
