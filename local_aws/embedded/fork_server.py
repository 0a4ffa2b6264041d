"""Starts the process that forks Lambda processes, and says which functions may have one.

A forked process has imported what the development environment has; a function whose layers bring third-party packages
of their own starts afresh. So does every function where forking after imports is not safe, as on macOS.
"""

import os
import subprocess
import sys
from pathlib import Path

from local_aws.embedded import lambda_process
from local_aws.embedded.lambda_process import FORK, IMPORTED_BEFORE_FORK, SERVER_PROCESS_VARIABLE
from local_aws.embedded.lambda_start import FOLDER_VARIABLE

FORKING_IS_SAFE = sys.platform == "linux"


def start(folder: Path, interpreter: Path) -> subprocess.Popen[bytes] | None:
    """Start it in the folder, as a child of this process, with which it ends; None where forking is not safe."""
    if not FORKING_IS_SAFE:
        return None
    return subprocess.Popen(
        [str(interpreter), lambda_process.__file__, FORK],
        cwd=folder,
        env=os.environ | {SERVER_PROCESS_VARIABLE: str(os.getpid())},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )


def variables(folder: Path, layers: Path) -> dict[str, str]:
    """What the environment of a function with these unpacked layers must say for its process to be forked."""
    own = any((layers / "python" / name.partition(".")[0]).exists() for name in IMPORTED_BEFORE_FORK)
    return {FOLDER_VARIABLE: str(folder)} if FORKING_IS_SAFE and not own else {}
