"""The app in a process of its own, and Chromium to look at it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from core.paths import PROJECT

CHROMIUM_ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
TIMEOUT_MS = 90_000


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(
    command: Sequence[str], *, environment: Mapping[str, str], log: Path, project: Path = PROJECT
) -> subprocess.Popen[bytes]:
    """A `streamlit` command as a process, from the project's folder or another's; its output goes to `log`."""
    with log.open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "streamlit", *command],
            cwd=project,
            env={**os.environ, **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
        )


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ends a process that `start` began."""
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_until_healthy(address: str, process: subprocess.Popen[bytes], log: Path, seconds: float = 60) -> None:
    """Returns when the server answers; raises with its output where it ends or stays silent."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"The app did not start:\n{log.read_text(errors='replace')}")


@contextmanager
def serving(
    log: Path,
    *,
    studies: Sequence[Path] = (),
    script: str = "app.py",
    folders: Sequence[Path] = (),
    base_path: str = "",
    project: Path = PROJECT,
) -> Iterator[str]:
    """The address of the app, serving these studies.

    folders : further ones, given after `--`.  base_path : below which the app answers.  project : where
        the app lies, another checkout for one.
    """
    port = free_port()
    based = ["--server.baseUrlPath", base_path] if base_path else []
    environment = {"CXR_STUDIES": os.pathsep.join(map(str, studies)), "CXR_CACHE": str(log.parent / "cache")}
    command = ["run", script, "--server.headless", "true", "--server.port", str(port), *based]
    command += ["--", *map(str, folders)]
    process = start(command, environment=environment, log=log, project=project)
    try:
        address = f"http://localhost:{port}" + (f"/{base_path}" if base_path else "")
        wait_until_healthy(address, process, log)
        yield address
    finally:
        stop(process)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Headless Chromium, the one on this computer."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(CHROMIUM_ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


def open_page(page: Page, address: str) -> None:
    """Opens an address and waits until the app has run to its end."""
    page.goto(address)
    page.get_by_test_id("stApp").wait_for(timeout=TIMEOUT_MS)
    settle(page)


def settle(page: Page, timeout_ms: int = TIMEOUT_MS) -> None:
    """Waits until no script runs and nothing on the page is stale."""
    page.wait_for_function(
        """() => {
            const app = document.querySelector('[data-testid="stApp"]');
            return app && app.getAttribute('data-test-script-state') === 'notRunning'
                && !document.querySelector('[data-testid="stSpinner"]')
                && !document.querySelector('[data-testid="stSkeleton"]')
                && document.querySelector('h1');
        }""",
        timeout=timeout_ms,
    )
    page.wait_for_timeout(150)
