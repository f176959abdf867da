// Rows of words in the order of one column.

/**
 * @param {string[][]} rows
 * @param {{ column: number, descending: boolean }} by column -1: as they are
 */
export function sorted(rows, { column, descending }) {
  if (column < 0) return rows;
  const sign = descending ? -1 : 1;
  return [...rows].sort((one, other) => {
    const [a, b] = [numberIn(one[column]), numberIn(other[column])];
    if (a === null && b === null) return column === 0 ? sign * one[0].localeCompare(other[0]) : 0;
    if (a === null || b === null) return a === null ? 1 : -1; // what is undefined comes last either way
    return sign * (a - b);
  });
}

/**
 * The number that words begin with; null where they begin with none.
 * @param {string} words
 */
function numberIn(words) {
  const found = /^[-−]?[\d,]*\.?\d+(e[-+−]?\d+)?/.exec(words);
  return found ? Number(found[0].replaceAll("−", "-").replaceAll(",", "")) : null;
}
