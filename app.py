"""`streamlit run app.py`: page config and navigation; each page draws itself."""

from __future__ import annotations

import streamlit as st

from pages.shared import navigation

st.set_page_config(page_title=navigation.APP_TITLE, page_icon=str(navigation.ICON), layout="wide")
navigation.run_menu()
