// What Python sends to the table: see __init__.py.

/** Words of every cell; the first of each row is the class. */
export interface ClassTable {
  headings: string[];
  rows: string[][];
}

/** `here` : the position of the truth dial that `table` is of. `token` : names what all positions share. */
export interface TableData {
  alt: string;
  helps: Record<string, string>;
  here: string;
  table: ClassTable;
  token: string;
}

/** The tables of other positions, by name. */
export interface TurnedTables {
  token: string;
  tables: Record<string, ClassTable>;
}
