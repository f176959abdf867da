// Until the menu is laid out, the page beside it is not shown: it would be seen to move aside for it.

(() => {
  const root = document.documentElement;
  const NARROW = 768; // from here on Streamlit opens the menu by itself
  const MOST_MS = 10_000;
  root.dataset.arriving = "";
  const look = () => {
    const menu = document.querySelector('[data-testid="stSidebar"]');
    const isThere = innerWidth < NARROW ? menu !== null : menu !== null && menu.getBoundingClientRect().right > 100;
    if (isThere || performance.now() > MOST_MS) delete root.dataset.arriving;
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})();
