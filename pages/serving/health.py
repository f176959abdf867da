"""`/health`: how much one process has to do, as JSON, for whoever watches it. Numbers alone: no study, film or name.

It stands behind the same door as all else: this computer, or a key.
"""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import streamlit as st
from starlette.responses import JSONResponse
from starlette.routing import Route
from streamlit.runtime import Runtime
from streamlit.runtime.stats import ACTIVE_SESSIONS_FAMILY, GaugeStat

from pages.meeting.routes import ROOMS
from pages.serving import turns
from pages.shared import server

if TYPE_CHECKING:
    from starlette.requests import Request

_STATUS: Final = Path("/proc/self/status")


def routes() -> list[Route]:
    """What the app's server answers, below its base path."""
    return [Route(f"{server.base_path()}/health", _answer)]


def load() -> dict[str, Any]:
    """The load of this process now.

    version : of the format of studies, of Streamlit, of Python.  studies, rooms : that are open.  sessions : tabs that
    are connected.  busy : whether a model is at work.  waiting : looks that wait for one.
    resident_mb : memory that the process has; None where the system does not say.
    """
    server.wait_for_imports()
    from core.study.manifest import SCHEMA_VERSION
    from pages.shared import cache

    return {
        "version": {"studies": SCHEMA_VERSION, "streamlit": st.__version__, "python": platform.python_version()},
        "process": os.getpid(),
        "studies": cache.n_open(),
        "sessions": _n_sessions(),
        "rooms": len(ROOMS),
        "busy": any(line.is_busy for line in turns.LINES),
        "waiting": sum(line.n_waiting for line in turns.LINES),
        "resident_mb": resident_mb(),
    }


def resident_mb() -> float | None:
    """Megabytes of memory that this process has; None where the system has no such file."""
    try:
        lines = _STATUS.read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((round(int(line.split()[1]) / 1024, 1) for line in lines if line.startswith("VmRSS:")), None)


def _n_sessions() -> int:
    if not Runtime.exists():
        return 0
    found = Runtime.instance().stats_mgr.get_stats([ACTIVE_SESSIONS_FAMILY]).get(ACTIVE_SESSIONS_FAMILY, ())
    return sum(int(stat.value) for stat in found if isinstance(stat, GaugeStat))


def _answer(_: Request) -> JSONResponse:
    return JSONResponse(load(), headers=server.PRIVATE)
