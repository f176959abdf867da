"""`streamlit run app.py`: the server imports this file once, every browser runs it as the menu and the chosen page."""

from __future__ import annotations

import os
import sys

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner import get_script_run_ctx

if get_script_run_ctx(suppress_warning=True) is None:
    # `pages` holds packages, not Streamlit's scripts: said before the first request, which would look for them there
    PagesManager.uses_pages_directory = False
    from starlette.middleware import Middleware

    from core.errors import RoomError
    from pages.meeting import access, routes
    from pages.overview import ahead
    from pages.serving import health, overtaken, study_list
    from pages.shared import film_cards, server
    from pages.thresholds import asked_apart

    try:
        doors = access.Access(sys.argv, routes.ROOMS.has, server.base_path(), os.environ.get(access.GIVEN, ""))
    except RoomError as error:
        raise SystemExit(str(error)) from None
    overtaken.install()
    entries = [Middleware(access.Guard, access=doors), Middleware(server.PageHead)]
    parts = (film_cards, study_list, asked_apart, routes, health)
    answers = [route for part in parts for route in part.routes()]
    app = st.App(__file__, lifespan=server.warming(ahead.prepare), routes=answers, middleware=entries)
    sys.stdout.write(doors.words(int(st.get_option("server.port"))))
else:
    from pages.shared.server import wait_for_imports

    wait_for_imports()
    from pages.meeting import attend, panel
    from pages.shared.navigation import run_menu

    run_menu(attend.attend, panel.show)
