"""The app as a lab runs it: one process, or several behind nginx with the configuration that ships."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from getpass import getuser
from pathlib import Path
from typing import Final

from core.paths import PROJECT
from core.room.keys import new_key
from pages.meeting.access import GIVEN, OPTION
from tests.browser.server import free_port, start, stop, wait_until_healthy
from tests.storms.sessions import Door

CONFIGURATION: Final = PROJECT / "pages" / "serving" / "nginx.conf"
_OWN: Final = """
user {user};
pid {folder}/pid;
error_log {folder}/error.log;
daemon off;
events {{ worker_connections 2048; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


@dataclass(frozen=True)
class Site:
    """What the sessions come to. logs : of the processes."""

    door: Door
    pids: tuple[int, ...]
    logs: tuple[Path, ...]

    def n_tracebacks(self) -> int:
        """How many errors nobody foresaw the processes told."""
        return sum(log.read_text(errors="replace").count("Traceback") for log in self.logs)


@contextmanager
def site(folder: Path, study: Path, n_processes: int) -> Iterator[Site]:
    """The app on a study: one process, or several behind nginx with the configuration that ships."""
    key, ports = new_key(), [free_port() for _ in range(n_processes)]
    logs = tuple(folder / f"server-{rank}.log" for rank in range(1, n_processes + 1))
    environment = {"CXR_STUDIES": str(study), "CXR_CACHE": str(folder / "cache"), GIVEN: key}
    with ExitStack() as stack:
        servers = []
        for rank, (port, log) in enumerate(zip(ports, logs, strict=True), start=1):
            below = ["--server.baseUrlPath", str(rank)] if n_processes > 1 else []
            command = ["run", "app.py", "--server.headless", "true", "--server.port", str(port), *below]
            servers.append(start([*command, "--", OPTION], environment=environment, log=log))
            stack.callback(stop, servers[-1])
        bases = [
            f"http://localhost:{port}{f'/{rank}' if n_processes > 1 else ''}" for rank, port in enumerate(ports, 1)
        ]
        for base, server, log in zip(bases, servers, logs, strict=True):
            wait_until_healthy(base, server, log)
        address = stack.enter_context(proxy(folder, ports)) if n_processes > 1 else bases[0]
        yield Site(Door(address, key), tuple(server.pid for server in servers), logs)


def _wait_until_taken(port: int, seconds: float = 30) -> None:
    """Returns when somebody takes connections."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("localhost", port), 1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


@contextmanager
def proxy(folder: Path, ports: Sequence[int]) -> Iterator[str]:
    """The address of nginx, with the configuration that ships but for its ports."""
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    own = free_port()
    text = CONFIGURATION.read_text().replace("listen 8080", f"listen 127.0.0.1:{own}")
    for rank, port in enumerate(ports, start=1):
        text = text.replace(f"127.0.0.1:850{rank}", f"127.0.0.1:{port}")
    (folder / "site.conf").write_text(text)
    (folder / "nginx.conf").write_text(_OWN.format(folder=folder, user=getuser()))
    process = subprocess.Popen([program, "-c", str(folder / "nginx.conf")], stderr=subprocess.DEVNULL)
    try:
        _wait_until_taken(own)
        yield f"http://localhost:{own}"
    finally:
        process.terminate()
        process.wait()
