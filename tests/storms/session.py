"""A session of the running app without a browser: what a browser would send over the websocket, and what comes back."""

from __future__ import annotations

import io
import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final
from urllib.parse import urlencode

import pandas as pd
import pyarrow as pa
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

TIMEOUT_S: Final = 600.0
"""How long a page may take; on a machine that does much else, minutes."""
_LARGEST: Final = 1 << 28
_EVENTS: Final = "$$STREAMLIT_INTERNAL_KEY_{}__events"


class LostError(Exception):
    """The server has ended, or did not answer in time."""


@dataclass
class Session:
    """One browser tab.

    elements : what is on the page, by place, with the fragment that it is of.
    toasts, kinds : what was said in passing, and which messages came, since the last run began.
    n_bytes : of all that came.
    """

    socket: ClientConnection
    page: str
    query: str
    page_hash: str = ""
    elements: dict[tuple[int, ...], tuple[Element, str]] = field(default_factory=dict)
    widgets: dict[str, Any] = field(default_factory=dict)
    toasts: list[str] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    n_bytes: int = 0

    @classmethod
    def open(cls, address: str, page: str, query: Mapping[str, str], *, cookie: str = "") -> Session:
        """Connect and run a page, as when a link is opened. cookie : that the browser has, "name=value"."""
        socket = connect(
            address.replace("http://", "ws://") + "/_stcore/stream",
            subprotocols=["streamlit"],  # type: ignore[list-item]
            additional_headers={"Cookie": cookie} if cookie else None,
            max_size=_LARGEST,
            open_timeout=TIMEOUT_S,
            ping_interval=None,  # as a browser, which never asks
            compression=None,
            proxy=None,
        )
        session = cls(socket, page, urlencode(query))
        session.run()
        return session

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.socket.close()

    def go(self, page: str, query: Mapping[str, str]) -> None:
        """Open another page of the app in the same session, as its menu does."""
        self.page, self.page_hash, self.query = page, "", urlencode(query)
        self.widgets.clear()
        self.run()

    def set(self, key: str, value: Any) -> None:
        """Give a widget a value, and let the page answer."""
        element, fragment = self.widget(key)
        self.widgets[_id_of(element)] = value
        self.run(fragment=fragment)

    def send(self, key: str, event: str, value: Any) -> None:
        """What a component sends once, such as marks that are to be saved."""
        self.begin_to_send(key, event, value)
        self.answer()

    def begin_to_send(self, key: str, event: str, value: Any) -> None:
        """The same, without waiting for what comes of it."""
        element, fragment = self.widget(key)
        told = json.dumps([{"event": event, "value": value}])
        self._ask(fragment, {_EVENTS.format(_id_of(element)): told})

    def run(self, *, fragment: str = "") -> None:
        """Run the page, or a fragment of it, and take what comes until it has ended."""
        self._ask(fragment, {})
        self.answer()

    def widget(self, key: str) -> tuple[Element, str]:
        """The element with a key, and its fragment."""
        for element, fragment in self.elements.values():
            if _id_of(element).endswith(f"-{key}"):
                return element, fragment
        there = sorted(filter(None, self.keys()))
        raise LookupError(f"no element {key!r} on {self.page}?{self.query}: {there}; {self.errors()}; {self.kinds}")

    def keys(self) -> Iterator[str]:
        """The names of all elements that have one."""
        return (_id_of(element) for element, _ in self.elements.values())

    def data(self, key: str) -> Any:
        """The JSON values that a component shows."""
        component = self.widget(key)[0].bidi_component
        return json.loads(component.mixed.json if component.WhichOneof("data") == "mixed" else component.json)

    def table(self, column: str) -> pd.DataFrame:
        """The first table on the page that has a column."""
        for element, _ in self.elements.values():
            if element.WhichOneof("type") == "dataframe":
                found = pa.ipc.open_stream(io.BytesIO(element.dataframe.arrow_data.data)).read_all().to_pandas()
                if column in found:
                    return found
        raise LookupError(f"no table with {column!r} on {self.page}?{self.query}")

    def texts(self) -> list[str]:
        """All Markdown on the page."""
        return [
            element.markdown.body for element, _ in self.elements.values() if element.WhichOneof("type") == "markdown"
        ]

    def errors(self) -> list[str]:
        """What the page shows as an error, and what Streamlit shows of an exception."""
        found = []
        for element, _ in self.elements.values():
            kind = element.WhichOneof("type")
            if kind == "exception":
                found.append(f"exception: {element.exception.type}: {element.exception.message}")
            elif kind == "alert" and element.alert.format == element.alert.ERROR:
                found.append(f"error: {element.alert.body}")
        return found

    def _ask(self, fragment: str, events: Mapping[str, str]) -> None:
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.page_script_hash = self.query, self.page_hash
        state.page_name = "" if self.page_hash else self.page
        state.fragment_id = fragment
        for name, value in self.widgets.items():
            widget = state.widget_states.widgets.add(id=name)
            _put(widget, value)
        for name, told in events.items():
            state.widget_states.widgets.add(id=name).json_trigger_value = told
        self.socket.send(message.SerializeToString())

    def answer(self) -> None:
        """Take what comes until the run has ended; raises LostError where the server has."""
        until = time.monotonic() + TIMEOUT_S
        self.toasts, self.kinds = [], Counter()
        seen: set[tuple[int, ...]] = set()
        while True:
            try:
                raw = self.socket.recv(timeout=max(0.01, until - time.monotonic()))
            except Exception as error:
                raise LostError(f"{self.page}?{self.query}: {type(error).__name__} {error}") from error
            assert isinstance(raw, bytes)
            self.n_bytes += len(raw)
            message = ForwardMsg()
            message.ParseFromString(raw)
            kind = message.WhichOneof("type")
            self.kinds[str(kind)] += 1
            if kind == "new_session":
                seen = set()
            elif kind == "navigation":
                self.page_hash = message.navigation.page_script_hash
            elif kind == "page_info_changed":
                self.query = message.page_info_changed.query_string
            elif kind == "delta":
                self._take(message, seen)
            elif kind == "script_finished":
                if message.script_finished == message.FINISHED_EARLY_FOR_RERUN:
                    continue
                if message.script_finished == message.FINISHED_SUCCESSFULLY:
                    self.forget_but(seen)
                return

    def forget_but(self, seen: set[tuple[int, ...]]) -> None:
        """Forget what a run that has ended did not draw."""
        self.elements = {place: found for place, found in self.elements.items() if place in seen}
        there = set(self.keys())
        self.widgets = {name: value for name, value in self.widgets.items() if name in there}

    def _take(self, message: ForwardMsg, seen: set[tuple[int, ...]]) -> None:
        place, kind = tuple(message.metadata.delta_path), message.delta.WhichOneof("type")
        if kind == "new_transient":
            return  # a spinner, beside what is there
        seen.add(place)
        self.elements.pop(place, None)  # also where a block comes: what another page had here is no longer on the page
        if kind == "new_element":
            if message.delta.new_element.WhichOneof("type") == "toast":
                self.toasts.append(message.delta.new_element.toast.body)
            self.elements[place] = (message.delta.new_element, message.delta.fragment_id)
            self._know(message.delta.new_element)

    def _know(self, element: Element) -> None:
        """Keep what a widget shows, which a browser sends back with every run."""
        kind = element.WhichOneof("type") or ""
        if kind not in ("button_group", "selectbox", "text_input"):
            return
        widget, is_known = getattr(element, kind), _id_of(element) in self.widgets
        if widget.set_value:
            shown = {"button_group": "raw_values", "selectbox": "raw_value", "text_input": "value"}[kind]
            value = getattr(widget, shown)
            self.widgets[widget.id] = list(value) if kind == "button_group" else value
        elif is_known:
            return
        elif kind == "button_group":
            self.widgets[widget.id] = [widget.options[place].content for place in widget.default]
        elif kind == "text_input":
            self.widgets[widget.id] = widget.default
        elif widget.HasField("default"):
            self.widgets[widget.id] = widget.options[widget.default]


def _id_of(element: Element) -> str:
    return str(getattr(getattr(element, element.WhichOneof("type") or "", None), "id", ""))


def _put(widget: Any, value: Any) -> None:
    """A widget's value in the field of its kind."""
    if isinstance(value, bool):
        widget.bool_value = value
    elif isinstance(value, int):
        widget.int_value = value
    elif isinstance(value, list):
        widget.string_array_value.data.extend(value)
    else:
        widget.string_value = str(value)
