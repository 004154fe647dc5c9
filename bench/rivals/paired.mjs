// Times of several sides in turns, and their ratios.
//
// `ms` is the time that passed. `cpuMs` is the processor time of all threads, which hardly depends on what else runs, but counts
// threads that wait for others without sleeping.

/**
 * Lets each side make a step in each round, so that what else runs slows all of them down.
 * @param sides objects with `step()`
 * @returns for each side, the times of each round
 */
export async function inTurns(sides, rounds, warm = 2) {
  const times = sides.map(() => []);
  for (let round = -warm; round < rounds; round++) {
    for (let turn = 0; turn < sides.length; turn++) {
      // Another side begins each round, so that none always follows the same one.
      const index = (turn + round + warm) % sides.length;
      const time = await sides[index].step();
      if (round >= 0) times[index].push(time);
    }
  }
  return times;
}

export const median = (numbers) => {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/**
 * Cells of a table for times of one side: the median, and the least in parentheses; with those of the first side, their ratios.
 * @param times of a side, from `inTurns`
 * @param first those of the side that is compared with it
 */
export function cellsOf(times, first, digits = 0) {
  const of = (list, key) => list.map((time) => time[key]).filter((ms) => ms !== undefined);
  const all = of(times, "ms");
  const ms = `${median(all).toFixed(digits)} (${Math.min(...all).toFixed(digits)})`;
  if (!first) return [ms];
  const cpu = of(times, "cpuMs");
  const cpuRatio = cpu.length > 0 ? [ratioText(ratioOf(of(first, "cpuMs"), cpu))] : [];
  return [ms, ratioText(ratioOf(of(first, "ms"), all)), ...cpuRatio];
}

/** The median of the ratios of the pairs, with an interval of 95 % of the medians of resampled pairs. */
function ratioOf(a, b) {
  const ratios = a.map((ms, index) => ms / b[index]);
  let state = 1;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const medians = Array.from({ length: 2000 }, () =>
    median(ratios.map(() => ratios[Math.floor(random() * ratios.length)])),
  ).sort((x, y) => x - y);
  return { ratio: median(ratios), low: medians[50], high: medians[1949] };
}

const ratioText = ({ ratio, low, high }) => `${ratio.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`;
