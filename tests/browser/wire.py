"""What comes over the app's websocket, message by message."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from playwright.sync_api import Page, WebSocket
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg


@dataclass
class Wire:
    """What a page has received since `forget`."""

    frames: list[bytes] = field(default_factory=list)

    @classmethod
    def of(cls, page: Page) -> Wire:
        """Listens from the next time that the page is opened."""
        wire = cls()

        def listen(socket: WebSocket) -> None:
            socket.on(
                "framereceived", lambda frame: wire.frames.append(frame if isinstance(frame, bytes) else frame.encode())
            )

        page.on("websocket", listen)
        return wire

    def forget(self) -> None:
        """Begins to count anew."""
        self.frames.clear()

    def n_bytes(self) -> int:
        """Bytes of all messages."""
        return sum(map(len, self.frames))

    def components(self) -> Counter[str]:
        """Bytes by the name of the component that they were sent to, references to earlier messages left out."""
        found: Counter[str] = Counter()
        for frame in self.frames:
            message = ForwardMsg()
            message.ParseFromString(frame)
            if message.delta.new_element.WhichOneof("type") == "bidi_component":
                found[message.delta.new_element.bidi_component.component_name] += len(frame)
        return found

    def n_references(self) -> int:
        """How many messages only named one that had come before."""
        messages = []
        for frame in self.frames:
            message = ForwardMsg()
            message.ParseFromString(frame)
            messages.append(message)
        return sum(message.WhichOneof("type") == "ref_hash" for message in messages)
