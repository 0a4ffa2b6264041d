"""Our pages in a real browser: Chromium opens a copy of the page with axe-core in it, and hands back what axe finds.

`make test` fetches axe-core by its lock; Chromium is the system's (apt-get install chromium). Where one of both is not
there, the tests are skipped and say which.
"""

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
AXE = HERE / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), ""
)
OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=10000", "--dump-dom")
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
MISSING = [
    *([] if CHROMIUM else ["no Chromium (apt-get install chromium)"]),
    *([] if AXE.exists() else ["no axe-core (make tests/pages/node_modules/ready, which needs npm)"]),
]
needs_a_browser = pytest.mark.skipif(bool(MISSING), reason=" and ".join(MISSING))


def findings(page: str, folder: Path, *, width: int, dark: bool, first: str = "") -> list[str]:
    """What axe-core and the browser find: each violation with the elements, and a page that is wider than its window.

    ``first`` is script that runs before, as a user would click.
    """
    policy = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')  # it would let no axe in
    script = f"""<script>{AXE.read_text(encoding="utf-8")}</script><script>
    const problems = [];
    try {{ {first} }} catch (error) {{ problems.push(error.message); }}
    const wide = document.documentElement.scrollWidth - window.innerWidth;
    axe.run({{runOnly: {json.dumps(RULES)}}}).then((found) => {{
      const told = problems.concat(
        found.violations.map((each) => `${{each.id}}: ${{each.nodes.map((node) => node.html).join(" ")}}`));
      const result = document.createElement("pre");
      result.id = "axe";
      result.textContent = JSON.stringify({{told, wide, passes: found.passes.length}});
      document.body.append(result);
    }});</script></body>"""
    answer = opened(policy.sub("", page).replace("</body>", script), folder, width=width, dark=dark)
    told = re.search(r'<pre id="axe">(.*?)</pre>', answer, re.DOTALL)
    assert told, answer[-2000:]
    result: dict[str, Any] = json.loads(html.unescape(told[1]))
    assert result["passes"] > 15  # it has looked
    return result["told"] + ([f"the page is {result['wide']} pixels too wide"] if result["wide"] > 0 else [])


def opened(page: str, folder: Path, *, width: int, dark: bool = False) -> str:
    """The page as it stands in the browser once its scripts have run."""
    path = folder / "page.html"
    path.write_text(page, encoding="utf-8")
    scheme = ["--blink-settings=preferredColorScheme=0"] if dark else []
    return subprocess.run(
        [CHROMIUM, *OPTIONS, *scheme, f"--user-data-dir={folder}/profile", f"--window-size={width},900", path.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    ).stdout
