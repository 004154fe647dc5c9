/** Inputs that hide nothing: fresh numbers a case, some channels twenty times as large, now and then beyond f16. */

/** Mulberry32: a small seeded generator, uniform in [0, 1). */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A matrix with entries around `scale`; every eleventh column is an outlier channel. */
export function matrix(random: () => number, rows: number, columns: number, scale = 1): Float32Array {
  return Float32Array.from({ length: rows * columns }, (_, index) => {
    const outlier = (index % columns) % 11 === 7 ? 20 : 1;
    return (random() * 2 - 1) * scale * outlier;
  });
}
