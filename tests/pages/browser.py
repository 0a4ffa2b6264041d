"""Our pages in a real browser: one Chromium for a module's tests, driven over a pipe; axe-core looks at what it shows.

`make test` fetches axe-core by its lock; Chromium is the system's (apt-get install chromium). Where one of both is not
there, the tests are skipped and say which.
"""

import base64
import fcntl
import json
import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Self

import pytest

HERE = Path(__file__).parent
AXE = HERE / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), ""
)
OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--remote-debugging-pipe")
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
MISSING = [
    *([] if CHROMIUM else ["no Chromium (apt-get install chromium)"]),
    *([] if AXE.exists() else ["no axe-core (make tests/pages/node_modules/ready, which needs npm)"]),
]
needs_a_browser = pytest.mark.skipif(bool(MISSING), reason=" and ".join(MISSING))
LOOK = """axe.run({runOnly: %s}).then(({ passes, violations }) => JSON.stringify({
  passes: passes.length,
  violations: violations.map((each) => `${each.id}: ${each.nodes.map((node) => node.html).join(" ")}`),
}))"""
PATIENCE = 60  # seconds, of which a busy machine takes many


class Browser:
    """A headless Chromium with one page, by the DevTools protocol over a pair of pipes."""

    def __init__(self, sends: int, answers: BinaryIO, folder: Path) -> None:
        """Pipes to the browser and from it."""
        self._sends = sends
        self._answers = answers
        self._folder = folder
        self._number = 0
        self._session = ""
        (page,) = [each for each in self._targets() if each["type"] == "page"]
        attached = self.call("Target.attachToTarget", targetId=page["targetId"], flatten=True)
        self._session = attached["sessionId"]
        self.errors: list[str] = []
        for domain in ("Page", "Runtime"):
            self.call(f"{domain}.enable")

    @classmethod
    @contextmanager
    def running(cls, folder: Path) -> Iterator[Self]:
        """A browser with a profile in the folder, until the block ends."""
        (theirs_in, sends), (receives, theirs_out) = os.pipe(), os.pipe()
        high = [fcntl.fcntl(each, fcntl.F_DUPFD, 10) for each in (theirs_in, theirs_out)]  # neither is 3 or 4 itself
        actions = [(os.POSIX_SPAWN_DUP2, each, number) for number, each in enumerate(high, start=3)]
        silent = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_WRONLY, 0) for number in (1, 2)]
        arguments = [CHROMIUM, *OPTIONS, f"--user-data-dir={folder}/profile", "about:blank"]
        process = os.posix_spawn(CHROMIUM, arguments, os.environ, file_actions=[*actions, *silent])
        for each in (theirs_in, theirs_out, *high):
            os.close(each)
        with os.fdopen(receives, "rb") as answers:
            try:
                yield cls(sends, answers, folder)
            finally:
                os.kill(process, signal.SIGKILL)
                os.waitpid(process, 0)
                os.close(sends)

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """What a method of the protocol answers; an error of the page's script is kept in ``errors``."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._sends, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer["error"]
                return dict(answer["result"])
            if answer.get("method") == "Runtime.exceptionThrown":
                details = answer["params"]["exceptionDetails"]
                self.errors.append(details.get("exception", {}).get("description", details["text"]))

    def open(self, page: str, *, width: int, dark: bool = False, language: str = "en-US") -> None:
        """Show a page as a reader of that language sees it, once it has drawn itself; ``at(id)`` finds its elements."""
        path = self._folder / "page.html"
        path.write_text(page, encoding="utf-8")
        self.errors.clear()
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        agent = self.call("Browser.getVersion")["userAgent"]
        self.call("Emulation.setUserAgentOverride", userAgent=agent, acceptLanguage=language)
        self.call("Page.navigate", url="about:blank")
        self.call("Page.navigate", url=path.as_uri())
        self.wait_until_drawn()

    def wait_until_drawn(self) -> None:
        """Wait for the page to have drawn itself."""
        self.wait_for("document.body && document.body.dataset.drawn === 'true'")
        self.run("window.at = (id) => document.getElementById(id); 0")

    def run(self, script: str) -> Any:
        """What a script that may await answers; AssertionError with what it throws."""
        answer = self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, userGesture=True
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait_for(self, condition: str) -> None:
        """Wait until an expression is true."""
        end = time.monotonic() + PATIENCE
        while not self.run(condition):
            assert time.monotonic() < end, f"waited {PATIENCE} s for {condition}; {self.errors}"
            time.sleep(0.02)

    def press(self, key: str, **more: Any) -> None:
        """Press a key as a person does, where the focus is."""
        text = {"text": key} if len(key) == 1 else {}
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, **(text if kind == "keyDown" else {}), **more)

    def findings(self) -> list[str]:
        """What axe-core and the browser find: violations with their elements, errors, a page wider than its window."""
        self.run(AXE.read_text(encoding="utf-8") + ";0")
        found = self.run(LOOK % json.dumps(RULES))
        result = json.loads(found)
        assert result["passes"] > 15  # it has looked
        wide = self.run("document.documentElement.scrollWidth - window.innerWidth")
        return [*self.errors, *result["violations"], *([f"the page is {wide} pixels too wide"] if wide > 0 else [])]

    def paper(self) -> bytes:
        """The page as PDF."""
        return base64.b64decode(self.call("Page.printToPDF", printBackground=True)["data"])

    def picture(self, *, whole: bool = False) -> bytes:
        """What is in sight, or the whole page, as PNG."""
        answer = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        return base64.b64decode(answer["data"])

    def _targets(self) -> list[dict[str, Any]]:
        return list(self.call("Target.getTargets")["targetInfos"])

    def _read(self) -> dict[str, Any]:
        content = bytearray()
        while (letter := self._answers.read(1)) != b"\0":
            assert letter, "the browser has ended"
            content += letter
        return dict(json.loads(content))
