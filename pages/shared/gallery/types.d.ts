// What Python sends of films that are shown as small pictures.

export interface Tile {
  row: number;
  title: string;
  findings: string;
  note: string;
  picture: string | null;
}

export interface Gallery {
  films: Tile[];
  chosen: number | null;
}

/** A film that the browser lists by itself. */
export interface Listed {
  row: number;
  note: string;
}

/** Where films are asked for by their rows: null where the app's server does not answer. */
export interface Source {
  address: string | null;
  has_pictures: boolean;
}

/** What the server says of a film: see `card` of film_cards.py. */
export interface Card {
  title: string;
  findings: string;
  picture: string;
  scores: { heads: string[]; rows: string[][] };
}
