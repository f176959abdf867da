// Films side by side; a click opens one.

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const strip = parentElement.querySelector(".strip");
  if (!strip || !data) return;
  strip.replaceChildren(...data.films.map(film => tile(film, data, row => setTriggerValue("opened", row))));
}

function tile(film, data, open) {
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.row = film.row;
  button.title = `Open ${film.title}`;
  button.setAttribute("aria-pressed", String(film.row === data.chosen));
  button.onclick = () => open(film.row);
  if (film.picture) {
    const picture = document.createElement("img");
    picture.alt = `Film ${film.title}`;
    picture.onerror = () => picture.remove();
    picture.src = film.picture;
    button.append(picture);
  }
  for (const [kind, text] of [["b", film.title], ["span", film.findings], ["i", film.note]]) {
    if (!text) continue;
    const line = document.createElement(kind);
    line.textContent = text;
    button.append(line);
  }
  return button;
}
