"""A run that another has overtaken writes nothing into the session any more.

Streamlit begins a new run while the one before still runs on to where it looks whether it was called off. Each has a
lock of its own for the state that they share, and the older looks before it takes it: what it writes after that look
replaces what the newer run's browser has just sent, and a pick is lost. Here all runs of a session have one lock, and
look under it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar
from weakref import WeakValueDictionary

from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.runtime.scriptrunner import script_runner
from streamlit.runtime.state import SafeSessionState, SessionState
from streamlit.runtime.state.common import RegisterWidgetResult, WidgetMetadata

_LOCKS: Final[WeakValueDictionary[int, threading.RLock]] = WeakValueDictionary()
"""By a state's address in memory, as long as a run has it: a state can neither hold a lock nor be watched."""
_making: Final = threading.Lock()
Value = TypeVar("Value")


def install() -> None:
    """Let every run from now on have such a state; once, before the first session."""
    script_runner.SafeSessionState = OneLockState  # type: ignore[attr-defined]


class OneLockState(SafeSessionState):
    """The state of a session as one run sees it."""

    def __init__(self, state: SessionState, yield_callback: Callable[[], None]) -> None:
        """Keep the state. yield_callback : raises where the run was called off."""
        super().__init__(state, yield_callback)
        with _making:
            object.__setattr__(self, "_lock", _LOCKS.setdefault(id(state), threading.RLock()))

    def register_widget(self, metadata: WidgetMetadata[Value], user_key: str | None) -> RegisterWidgetResult[Value]:
        """Give a widget its value."""
        with self._lock:
            return super().register_widget(metadata, user_key)

    def on_script_will_rerun(
        self,
        fresh_widget_states: WidgetStates | None,
        *,
        replay_trigger_states: WidgetStates | None = None,
        replay_trigger_values: Mapping[str, Any] | None = None,
        is_history_navigation: bool = False,
    ) -> None:
        """Take what the browser sent."""
        with self._lock:
            super().on_script_will_rerun(
                fresh_widget_states,
                replay_trigger_states=replay_trigger_states,
                replay_trigger_values=replay_trigger_values,
                is_history_navigation=is_history_navigation,
            )

    def reset_state_value(self, user_key: str, value: Any | None) -> None:
        """Write what a widget was corrected to."""
        with self._lock:
            super().reset_state_value(user_key, value)

    def __setitem__(self, key: str, value: Any) -> None:
        """Write a value."""
        with self._lock:
            super().__setitem__(key, value)

    def __delitem__(self, key: str) -> None:
        """Forget a value."""
        with self._lock:
            super().__delitem__(key)
