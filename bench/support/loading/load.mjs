// Loads a model on the WebAssembly backend and computes a pass of 32 tokens: in Node and in a page.

/**
 * @param libraries Engine and wasm
 * @returns seconds of loading and of the first and the second pass, and bytes of the weights
 */
export async function loadAndRun({ Engine, wasm }, source, { context, threads }) {
  const started = performance.now();
  const backend = wasm(threads === undefined ? {} : { threads });
  const engine = await Engine.load(source, { backend, context, cachePositions: context });
  const loaded = performance.now();
  const ids = Array.from({ length: 32 }, (_, index) => 7 * index);
  const logits = await engine.logits(ids);
  const first = performance.now();
  await engine.logits(ids);
  const second = performance.now();
  if (!logits.every((row) => row.every(Number.isFinite))) throw new Error("A logit is not finite");
  const { storedWeightBytes } = engine.sizes;
  const { device } = engine;
  await engine.dispose();
  const seconds = (from, to) => (to - from) / 1000;
  return {
    weightBytes: storedWeightBytes,
    device,
    loadSeconds: seconds(started, loaded),
    firstSeconds: seconds(loaded, first),
    secondSeconds: seconds(first, second),
  };
}
