// One entry of the browser's history for each page that is visited, so that Back goes to the page before. Streamlit adds
// an entry whenever a page writes its choices into the address: what is written on a page replaces that page's entry.
// It runs before Streamlit does.

(() => {
  const push = history.pushState.bind(history);
  history.pushState = (state, unused, url) => {
    const isOfThisPage = new URL(url ?? location.href, location.href).pathname === location.pathname;
    if (isOfThisPage) history.replaceState(state, unused, url);
    else push(state, unused, url);
  };
})();
