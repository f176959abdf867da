// Where the app's own server answers, behind a proxy's path too.

/**
 * The whole address of something of the app's server. A page's own address does not say where the app begins, but the
 * page's scripts lie in `static/` right there.
 * @param {string} path without a slash before it
 * @returns {string}
 */
export function addressOf(path) {
  const script = /** @type {HTMLScriptElement | null} */ (document.querySelector('script[src*="static/js/"]'));
  const begin = script ? script.src.slice(0, script.src.indexOf("static/js/")) : document.baseURI;
  return new URL(path, begin).href;
}
