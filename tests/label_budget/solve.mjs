// Reads films as JSON from standard input; writes what the browser's solver gives, and the processor time of each move.
import { readFileSync } from "node:fs";

import { BudgetSolver } from "../../pages/label_budget/budget/solver.js";

const { films, moves } = JSON.parse(readFileSync(0, "utf8"));
const kinds = { train: Float32Array, val: Float32Array, test: Float32Array, texts: Float32Array, orders: Uint32Array };
for (const [name, values] of Object.entries(films.arrays))
  films.arrays[name] = (kinds[name] ?? Uint8Array).from(values);
const solver = new BudgetSolver(films);
const found = moves.map(([order, budget, byClass]) => {
  const begun = process.cpuUsage();
  const { values, paid } = solver.figures(order, budget, byClass);
  const { user, system } = process.cpuUsage(begun);
  return {
    ms: (user + system) / 1000,
    values: [...values].map((one) => (Number.isNaN(one) ? null : one)),
    paid: [...paid],
  };
});
process.stdout.write(JSON.stringify(found));
