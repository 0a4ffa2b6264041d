"""One Lambda execution environment: AWS's own runtime client over a function's folder and its layers.

The embedded AWS runs this file where the cloud would start the Python runtime. Third-party packages come from the
environment of the Python that runs it; our own come only from the layers, so that a package missing from a layer is
missed here as it would be in the cloud.
"""

import os
import sys
import threading
import time
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

SERVER_PROCESS_VARIABLE = "ALMANAC_SERVER_PROCESS"
LAYERS_VARIABLE = "ALMANAC_LAYERS"
PROJECT_ROOT = Path(__file__).resolve().parents[2]


def end_with(process_id: int) -> None:
    """Exit as soon as `process_id` is no longer our parent, however it ended."""
    while os.getppid() == process_id:
        time.sleep(0.5)
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


def main() -> None:
    """Serve invocations until the server stops us."""
    parent = int(os.environ.pop(SERVER_PROCESS_VARIABLE))
    threading.Thread(target=end_with, args=(parent,), daemon=True).start()
    sys.path[:] = module_path(sys.path, os.environ.pop(LAYERS_VARIABLE), os.environ["LAMBDA_TASK_ROOT"])

    from awslambdaric import bootstrap  # noqa: PLC0415 - after the path, so that a layer may bring its own
    from awslambdaric.lambda_runtime_client import LambdaRuntimeClient  # noqa: PLC0415

    bootstrap.run(os.environ["_HANDLER"], LambdaRuntimeClient(os.environ["AWS_LAMBDA_RUNTIME_API"], False))


if __name__ == "__main__":
    main()
