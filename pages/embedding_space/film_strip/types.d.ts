// What Python sends to the strip.

export interface Tile {
  row: number;
  title: string;
  findings: string;
  note: string;
  picture: string | null;
}

export interface Strip {
  films: Tile[];
  chosen: number | null;
}
