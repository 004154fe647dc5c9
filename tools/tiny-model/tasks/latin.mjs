// ParallelBench's Latin squares (arXiv 2510.04767): each symbol once in each row and column. There are 12 squares of three symbols and
// 576 of four, and no cell can be chosen without the others.
const symbols = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];

/** A square of n symbols: a cyclic one, or for four symbols that of Klein's group, with rows, columns and symbols permuted. */
function square(list, random) {
  const n = list.length;
  const indices = list.map((_, index) => index);
  const [rows, columns] = [random.shuffled(indices), random.shuffled(indices)];
  // Of the 576 squares of four symbols, 432 have the cyclic group's pattern, and 144 Klein's.
  const isKlein = n === 4 && random.chance(0.25);
  const at = (row, column) => (isKlein ? row ^ column : (row + column) % n);
  const order = random.shuffled(list);
  return rows.map((row) => columns.map((column) => order[at(row, column)]));
}

/** Matches exactly the Latin squares: each cell differs from those before it in its row and its column. */
function pattern(list) {
  const n = list.length;
  const set = `[${list.join("")}]`;
  const row = (i) =>
    Array.from({ length: n }, (_, j) => {
      const before = [];
      for (let k = 0; k < j; k++) before.push(i * n + k + 1);
      for (let k = 0; k < i; k++) before.push(k * n + j + 1);
      const differs = before.length > 0 ? `(?!${before.map((cell) => `\\${cell}`).join("|")})` : "";
      return `${differs}(${set})`;
    }).join(" ");
  return `^${Array.from({ length: n }, (_, i) => row(i)).join("\\n")}\\s*$`;
}

export const latinKinds = {
  latin(random) {
    const list = random.sample(symbols, random.between(3, 4)).sort();
    const answer = square(list, random)
      .map((row) => row.join(" "))
      .join("\n");
    return { prompt: `latin square of ${list.join(" ")}`, answer, check: { matches: pattern(list) } };
  },
};
