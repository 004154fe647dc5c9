// The sides of a comparison in a page: unmask and wllama on the file that was chosen.
import { Wllama } from "@wllama/wllama";
import wasmAddress from "@wllama/wllama/esm/wasm/wllama.wasm?url";
import { wasm } from "../../../dist/backends/wasm/index.js";
import { blobs } from "../../../dist/sources/blobs.js";
import { idsOf } from "../tokens.mjs";
import { openPasses } from "../unmask.mjs";

const chosen = () => document.querySelector("input").files[0];

const openers = {
  unmask: ({ threads, rows, context }) =>
    openPasses(blobs({ "model.gguf": chosen() }), wasm({ threads }), {
      rows,
      ids: idsOf(context),
      whole: false,
    }),
  wllama: openWllama,
};

async function openWllama({ threads, rows, context }) {
  const quiet = { debug() {}, log() {}, warn: console.warn, error: console.error };
  const wllama = new Wllama({ default: wasmAddress }, { suppressNativeLog: true, logger: quiet });
  const size = context + 64;
  await wllama.loadModel([chosen()], {
    n_ctx: size,
    n_batch: size,
    n_ubatch: size,
    n_threads: threads,
    n_gpu_layers: 0,
    n_parallel: 1,
    flash_attn: false,
    warmup: false,
  });
  if (wllama.getNumThreads() !== threads) throw new Error(`wllama has ${wllama.getNumThreads()} threads`);
  const before = idsOf(context - rows);
  let turn = 0;
  return {
    about: `wllama, llama.cpp ${Wllama.getLibllamaVersion()}`,
    /** @returns milliseconds of the prompt's new tokens, as llama.cpp's server measures them */
    async step() {
      // Other tokens than last time, as those that are the same are not computed again; the first of them differs.
      turn++;
      const after = idsOf(rows, turn).map((id, index) => (index === 0 ? 97 + (turn % 26) : id));
      const prompt = String.fromCharCode(...before, ...after);
      const answer = await wllama.createCompletion({ prompt, max_tokens: 1, temperature: 0, stream: false });
      const { prompt_n: count, prompt_ms: ms } = answer.timings;
      if (turn > 1 && count !== rows) throw new Error(`wllama computed ${count} tokens of ${rows}`);
      return ms;
    },
  };
}

const sides = new Map();
globalThis.bench = {
  async open(name, options) {
    const side = await openers[name](options);
    sides.set(name, side);
    return side.about;
  },
  step: (name) => sides.get(name).step(),
};
