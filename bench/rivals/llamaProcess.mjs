// A contestant: llama.cpp in a process.
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { register } from "node:module";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { idsOf } from "./tokens.mjs";

/** node-llama-cpp names its folders of libraries by the names that Node has for system and processor. */
const platform = `${process.platform === "win32" ? "win" : process.platform === "darwin" ? "mac" : "linux"}-${process.arch}`;

/**
 * @param processor the kind of processor whose library is to be used, as in `libggml-cpu-haswell.so`; by default llama.cpp chooses
 * @param whole a model that llama.cpp computes without kept keys and values: all rows of a sequence in one pass
 */
export async function open({ file, threads, rows, context, whole, processor }) {
  if (processor !== undefined) await limitTo(processor);
  const { getLlama, LlamaLogLevel } = await import("node-llama-cpp");
  const llama = await getLlama({
    gpu: false,
    build: "never",
    logLevel: LlamaLogLevel.error,
    maxThreads: threads,
  });
  const model = await llama.loadModel({ modelPath: file, gpuLayers: 0 });
  const size = Math.max(512, context);
  const options = { contextSize: size, batchSize: size, threads, flashAttention: false };
  const sequence = (await model.createContext(options)).getSequence();
  const ids = idsOf(context);
  const first = whole ? 0 : context - rows;
  const timed = ids.slice(first);
  const back = () => sequence.eraseContextTokenRanges([{ start: first, end: context }]);
  if (first > 0) await sequence.evaluateWithoutGeneratingNewTokens(ids.slice(0, first));
  return {
    about: `llama.cpp, ${loadedLibrary() ?? llama.systemInfo}`,
    async step() {
      const start = performance.now();
      await sequence.evaluateWithoutGeneratingNewTokens(timed);
      const ms = performance.now() - start;
      await back();
      return ms;
    },
    async logits() {
      const all = await sequence.controlledEvaluate(
        timed.map((id) => [id, { generateNext: { logits: true } }]),
      );
      await back();
      const out = [];
      for (const { next } of all.slice(-rows)) {
        const row = new Float32Array(next.logits.size);
        for (const [token, logit] of next.logits) row[token] = logit;
        out.push(...row);
      }
      return Float32Array.from(out);
    },
  };
}

/** The name of the library with the kernels, which llama.cpp chose by the processor. */
function loadedLibrary() {
  if (!existsSync("/proc/self/maps")) return undefined;
  const [path] = /\S*libggml-cpu[^\s/]*\.so/.exec(readFileSync("/proc/self/maps", "utf8")) ?? [];
  return path && basename(path);
}

/** Gives node-llama-cpp a folder of libraries that has the kernels for one kind of processor alone. */
async function limitTo(processor) {
  const { getBinsDir } = await import(`@node-llama-cpp/${platform}`);
  const { binsDir, packageVersion } = getBinsDir();
  const copy = mkdtempSync(join(tmpdir(), "unmask-bench-llama-"));
  process.on("exit", () => rmSync(copy, { recursive: true, force: true }));
  const isOther = (path) => {
    const kind = /ggml-cpu-([\w.]+?)\.(?:so|dll)$/.exec(path)?.[1];
    return kind !== undefined && kind !== processor;
  };
  cpSync(binsDir, copy, { recursive: true, filter: (path) => !isOther(path) });
  const found = JSON.stringify({ binsDir: copy, packageVersion });
  const replacement = `data:text/javascript,${encodeURIComponent(`export const getBinsDir = () => (${found});`)}`;
  const hooks = `
    export async function resolve(specifier, context, next) {
      if (specifier !== "@node-llama-cpp/${platform}") return next(specifier, context);
      return { url: ${JSON.stringify(replacement)}, shortCircuit: true };
    }`;
  register(`data:text/javascript,${encodeURIComponent(hooks)}`);
}
