"""Where the project's own files are: the template, the functions, the state machines, the samples.

A checkout has them at its root, where `sam` wants them. The wheel has them below `almanac/project`, without our
packages, which lie beside: `local_aws` and the others, as in any environment.
"""

from pathlib import Path

_BESIDE_PACKAGES = Path(__file__).absolute().parent.parent  # not resolved: an environment may be made of links
INSTALLED = not (_BESIDE_PACKAGES / "template.yaml").is_file()
PROJECT_FOLDER = _BESIDE_PACKAGES / "almanac" / "project" if INSTALLED else _BESIDE_PACKAGES


def package_folder(name: str, sources: Path) -> Path:
    """The folder of one of our packages: below ``sources``, as in a checkout, else where it is installed."""
    return sources / name if (sources / name).is_dir() else _BESIDE_PACKAGES / name
