"""The files for several processes agree with each other, and with what the app asks for."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest
import yaml

from core.paths import PROJECT
from core.room.keys import new_key
from pages.meeting.access import GIVEN, OPTION, Access

SERVING = PROJECT / "pages" / "serving"


@pytest.fixture(scope="module")
def upstreams() -> dict[str, str]:
    """The port of each path that the proxy forwards."""
    text = (SERVING / "nginx.conf").read_text()
    paths = re.search(r"location ~ \^/\(\[(\d+)\]\)/", text)
    assert paths is not None
    found = dict(re.findall(r"upstream cxr(\d) \{ server 127\.0\.0\.1:(\d+); \}", text))
    assert set(found) == set(paths[1]) == set(re.findall(r"^ +(?:[\d.]+%|\*) +(\d);", text, re.M))
    return found


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    made: dict[str, Any] = yaml.safe_load((SERVING / "compose.yaml").read_text())["services"]
    return made


def test_each_container_answers_where_the_proxy_looks_for_it(
    services: dict[str, Any], upstreams: dict[str, str]
) -> None:
    processes = {name: one for name, one in services.items() if name != "proxy"}
    for one in processes.values():
        assert one["network_mode"] == "service:proxy"
        assert GIVEN in one["environment"]
        assert one["command"].split()[-2:] == ["--", OPTION]
        assert not one.get("ports")
    said = [one["environment"] for one in processes.values()]
    assert {one["STREAMLIT_SERVER_BASE_URL_PATH"]: one["STREAMLIT_SERVER_PORT"] for one in said} == upstreams
    assert all(port.startswith("127.0.0.1:") for port in services["proxy"]["ports"])
    mounted = services["proxy"]["volumes"][0].partition(":")[0]
    assert (SERVING / mounted).resolve() == SERVING / "nginx.conf"


def test_the_image_is_made_of_files_that_are_here(services: dict[str, Any]) -> None:
    build = services["process-1"]["build"]
    assert (SERVING / build["context"]).resolve() == PROJECT
    dockerfile = (PROJECT / build["dockerfile"]).read_text()
    assert (PROJECT / re.findall(r"^COPY (\S+) \.$", dockerfile, re.M)[0]).exists()


def test_each_unit_answers_where_the_proxy_looks_for_it(upstreams: dict[str, str]) -> None:
    text = (SERVING / "cxr@.service").read_text()
    command = re.search(r"^ExecStart=(.*)$", text, re.M)
    assert command is not None
    for path, port in upstreams.items():
        words = command[1].replace("%i", path).split()
        assert words[words.index("--server.port") + 1] == port
        assert words[words.index("--server.baseUrlPath") + 1] == path
        assert words[-2:] == ["--", OPTION]


def test_the_proxy_says_that_it_is_one(upstreams: dict[str, str]) -> None:
    """Else whoever comes through it would be taken for this computer, and need no key."""
    text = (SERVING / "nginx.conf").read_text()
    sent = dict(re.findall(r"proxy_set_header (\S+) (\S+);", text))
    headers = [(name.lower().encode(), b"192.168.1.77") for name in sent if name == "X-Forwarded-For"]
    scope = {"type": "http", "client": ("127.0.0.1", 50000), "headers": [(b"host", b"localhost:8080"), *headers]}
    key = new_key()
    assert not Access(["app.py", OPTION], lambda _: False, "/1", key).lets_in(scope)
    scope["headers"].append((b"cookie", f"cxr_key={key}".encode()))
    assert Access(["app.py", OPTION], lambda _: False, "/1", key).lets_in(scope)


def test_the_proxy_takes_films_as_large_as_the_app() -> None:
    config = (PROJECT / ".streamlit" / "config.toml").read_text()
    most = re.search(r"maxUploadSize = (\d+)", config)
    said = re.search(r"client_max_body_size (\d+)m;", (SERVING / "nginx.conf").read_text())
    assert most is not None
    assert said is not None
    assert int(said[1]) > int(most[1])  # the parts of an upload that are not the film


def test_no_session_waits_for_what_others_have_ended() -> None:
    """Files would be looked at on the server's one loop after every run, and all objects under Python's one lock."""
    said = tomllib.loads((PROJECT / ".streamlit" / "config.toml").read_text())
    assert said["server"]["fileWatcherType"] == "none"
    assert said["runner"]["postScriptGC"] is False
