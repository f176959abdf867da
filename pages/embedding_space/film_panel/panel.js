// The chosen film's labels and scores, and the films nearest to it. Python sends once what is the same for every film,
// and as the parcel that also puts the map's ring what is the film's own. A click on a film goes back through the parcel.

import { unpack } from "../../shared/components/bytes.js";
import { element, part } from "../../shared/components/elements.js";
import { once, Parcels } from "../../shared/components/parcels.js";
import { tilesOf } from "../../shared/gallery/tiles.js";

/**
 * @typedef {import("./types.js").Film} Film
 * @typedef {import("./types.js").Study} Study
 */

const FILM = "film_map_film"; // the parcel
/** @type {Record<string, string>} */
const LABELLED = { 1: "yes", 0: "no" };
/** @type {WeakMap<Element, FilmPanel>} */
const panels = new WeakMap();
const readFilm = once((bytes) => /** @type {Film} */ (unpack(bytes)));

class FilmPanel {
  /** @type {Study | undefined} */
  study;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.parcels = new Parcels([FILM], () => this.show());
  }

  /** @param {Study} study */
  receive(study) {
    this.study = study;
    this.show();
  }

  /** Shows what has come, once film and study belong together. */
  show() {
    const { root, study } = this;
    const bytes = this.parcels.data(FILM);
    const film = bytes && readFilm(bytes);
    if (!study || film?.of !== study.fingerprint) return;
    part(root, ".scores").replaceChildren(tableOf(study, film));
    part(root, ".about-scores").textContent = study.about_scores;
    part(root, "h2").textContent = study.heading;
    part(root, ".problem").textContent = film.problem;
    const open = (/** @type {number} */ row) => this.parcels.send(FILM, "opened", row);
    part(root, ".gallery").replaceChildren(...tilesOf(film.nearest, study, open));
  }
}

/**
 * @param {Study} study
 * @param {Film} film
 */
function tableOf({ classes, settings }, { title, labels, scores }) {
  const heads = ["Class", "Labelled", ...settings].map((words) => element("th", { scope: "col" }, words));
  const columns = scores.map((words) => words.split(" "));
  const rows = classes.map((name, place) => {
    const cells = [LABELLED[labels[place]] ?? "unlabelled", ...columns.map((column) => column[place])];
    const about = { class: labels[place] === "1" && "positive" };
    return element("tr", about, element("th", { scope: "row" }, name), ...cells.map((cell) => element("td", {}, cell)));
  });
  const caption = element("caption", {}, `Labels and scores of ${title}`);
  return element(
    "table",
    {},
    caption,
    element("thead", {}, element("tr", {}, ...heads)),
    element("tbody", {}, ...rows),
  );
}

/** @param {import("../../shared/components/types.js").Component} component */
export default function filmPanel({ data, parentElement }) {
  const root = part(parentElement, ".about-film");
  const panel = panels.get(root) ?? new FilmPanel(root);
  panels.set(root, panel);
  panel.receive(data);
  return () => panel.parcels.close();
}
