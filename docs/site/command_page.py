"""The page of the `almanac` command: what `almanac SUBCOMMAND --help` says."""

import os
import subprocess
from pathlib import Path
from typing import Any

from mkdocs.exceptions import PluginError

MARK = "<!-- help of every subcommand -->"


def on_page_markdown(markdown: str, *, page: Any, config: Any, **_: Any) -> str:
    """Put the help of the command and of its subcommands where the page has the mark.

    The command runs in its own environment, `.venv`: that of the site has none of its dependencies.
    """
    if not page.file.src_uri.startswith("reference/command"):
        return markdown
    if MARK not in markdown:
        raise PluginError(f"{page.file.src_uri}: the line {MARK} is missing; wanted it where the help is put")
    project = Path(config.config_file_path).parent
    program = [project / ".venv" / "bin" / "python", Path(__file__).with_name("command_help.py")]
    environment = os.environ | {"COLUMNS": "100", "ALMANAC_LANGUAGE": str(config.theme.get("language"))}
    printed = subprocess.run(program, env=environment, capture_output=True, text=True, check=False)
    if printed.returncode:
        raise PluginError(f"{page.file.src_uri}: the help could not be had; {printed.stderr.strip()}")
    return markdown.replace(MARK, printed.stdout)
