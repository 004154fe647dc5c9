// Loads a model on the WebAssembly backend and computes a pass, which commits 32 tokens: in Node and in a page.

/**
 * @param libraries Engine and wasm
 * @returns seconds of loading and of the first and the second pass, and bytes of the weights
 */
export async function loadAndRun({ Engine, wasm }, source, { context, threads }) {
  const started = performance.now();
  const backend = wasm(threads === undefined ? {} : { threads });
  const engine = await Engine.load(source, { backend, context, cachePositions: context });
  const loaded = performance.now();
  await onePass(engine);
  const first = performance.now();
  await onePass(engine);
  const second = performance.now();
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

/** Numbers that are not finite would end it with an error. */
async function onePass(engine) {
  const decoder = { name: "fixed", steps: 1 };
  const request = { tokens: [7], genLength: 32, blockLength: 32, decoder, cache: { name: "none" } };
  const events = [];
  for await (const event of engine.generate(request)) events.push(event);
  const { usage } = events.at(-1);
  if (usage.forwards !== 1) throw new Error(`There must be one pass: found ${usage.forwards}`);
}
