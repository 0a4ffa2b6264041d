"""What the machine must have that no package brings: locks of POSIX, and the OpenMP library that LightGBM needs."""

import ctypes
import importlib.util
from pathlib import Path

from forecast_language import said

OPENMP_LIBRARIES = ("libgomp", "libomp")


class MachineLacksError(OSError):
    """The machine lacks what is wanted; the message says in one sentence how to get it."""


def require_embedded_aws() -> None:
    """MachineLacksError where the embedded AWS cannot run."""
    if importlib.util.find_spec("fcntl") is None:
        raise MachineLacksError(
            said(
                "the embedded AWS runs on Linux and macOS; on Windows run almanac in WSL,"
                " which `wsl --install` sets up, after `pip install` there"
            )
        )
    require_openmp()


def require_openmp() -> None:
    """MachineLacksError where LightGBM cannot load for lack of OpenMP. Its library alone is loaded, in milliseconds."""
    found = importlib.util.find_spec("lightgbm")
    folders = (found.submodule_search_locations or []) if found else []
    for library in (path for folder in folders for path in Path(folder, "lib").glob("lib_lightgbm.*")):
        try:
            ctypes.CDLL(str(library))
        except OSError as error:
            if not any(name in str(error) for name in OPENMP_LIBRARIES):
                raise
            raise MachineLacksError(
                said(
                    "LightGBM needs the OpenMP library, which this machine lacks: `apt-get install libgomp1`,"
                    " `dnf install libgomp` or `brew install libomp` installs it"
                )
            ) from None
