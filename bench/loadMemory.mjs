// Memory for loading a checkpoint, in addition to its weights: generates a checkpoint of several shards, loads it in a
// separate process, and measures its peak memory. Prints a page of Markdown. Needs Linux, dist/ and disk space.
//   node bench/loadMemory.mjs [GIGABYTES] > bench/results/load-memory.md
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { mkdir, open, writeFile } from "node:fs/promises";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const mebibyte = 2 ** 20;
const limitMiB = 600;
const shardBytes = 1e9;

if (process.env["UNMASK_LOAD"]) await load(process.env["UNMASK_LOAD"]);
else await measure(Number(process.argv[2] ?? 4));

/** LLaDA-8B's tensors in bf16, with a smaller vocabulary and the number of layers that gives about this size. */
function shapesOf(bytes) {
  const [hidden, mlp, vocabulary] = [4096, 12288, 32768];
  const prefix = "model.transformer";
  const ends = [
    [`${prefix}.wte.weight`, [vocabulary, hidden]],
    [`${prefix}.ln_f.weight`, [hidden]],
    [`${prefix}.ff_out.weight`, [vocabulary, hidden]],
  ];
  const layerOf = (index) => {
    const layer = `${prefix}.blocks.${index}`;
    return [
      [`${layer}.attn_norm.weight`, [hidden]],
      [`${layer}.q_proj.weight`, [hidden, hidden]],
      [`${layer}.k_proj.weight`, [hidden, hidden]],
      [`${layer}.v_proj.weight`, [hidden, hidden]],
      [`${layer}.attn_out.weight`, [hidden, hidden]],
      [`${layer}.ff_norm.weight`, [hidden]],
      [`${layer}.ff_proj.weight`, [mlp, hidden]],
      [`${layer}.up_proj.weight`, [mlp, hidden]],
      [`${layer}.ff_out.weight`, [hidden, mlp]],
    ];
  };
  const sum = (tensors) => tensors.reduce((total, [, shape]) => total + bytesOf(shape), 0);
  const layers = Math.max(1, Math.round((bytes - sum(ends)) / sum(layerOf(0))));
  const config = {
    architectures: ["LLaDAModelLM"],
    model_type: "llada",
    d_model: hidden,
    n_layers: layers,
    n_heads: 32,
    n_kv_heads: 32,
    mlp_hidden_size: mlp,
    vocab_size: vocabulary,
    embedding_size: vocabulary,
    max_sequence_length: 4096,
    rope_theta: 500000,
    rms_norm_eps: 1e-5,
    block_type: "llama",
    activation_type: "silu",
    layer_norm_type: "rms",
    rope: true,
    rope_full_precision: true,
    include_bias: false,
    weight_tying: false,
    mask_token_id: vocabulary - 1,
    eos_token_id: vocabulary - 2,
    pad_token_id: vocabulary - 2,
  };
  return { config, tensors: [...ends, ...Array.from({ length: layers }, (_, i) => layerOf(i)).flat()] };
}

function bytesOf(shape) {
  return 2 * shape.reduce((product, size) => product * size, 1);
}

/** Writes the files. All values are non-zero, so that the file system stores no holes. */
async function generate(folder, bytes) {
  const { config, tensors } = shapesOf(bytes);
  await writeFile(join(folder, "config.json"), JSON.stringify(config));
  const shards = [[]];
  let filled = 0;
  for (const tensor of tensors) {
    if (filled > 0 && filled + bytesOf(tensor[1]) > shardBytes) {
      shards.push([]);
      filled = 0;
    }
    shards.at(-1).push(tensor);
    filled += bytesOf(tensor[1]);
  }
  const block = Uint16Array.from(
    { length: mebibyte / 2 },
    (_, i) => 0x3c00 | (Math.imul(i, 2654435761) >>> 23),
  );
  const weightMap = {};
  for (const [index, shard] of shards.entries()) {
    const name = `model-${index + 1}-of-${shards.length}.safetensors`;
    const header = {};
    let end = 0;
    for (const [tensor, shape] of shard) {
      const start = end;
      end += bytesOf(shape);
      header[tensor] = { dtype: "BF16", shape, data_offsets: [start, end] };
      weightMap[tensor] = name;
    }
    const text = Buffer.from(JSON.stringify(header));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.length));
    const file = await open(join(folder, name), "w");
    await file.write(Buffer.concat([length, text]));
    for (let left = end; left > 0; left -= mebibyte) {
      await file.write(new Uint8Array(block.buffer, 0, Math.min(left, mebibyte)));
    }
    await file.close();
  }
  await writeFile(join(folder, "model.safetensors.index.json"), JSON.stringify({ weight_map: weightMap }));
  return { layers: config.n_layers, shards: shards.length, tensors: tensors.length };
}

/** Runs in the measured process: loads the model, and reports its sizes. */
async function load(folder) {
  const { Engine } = await import("../dist/core/index.js");
  const { cpu } = await import("../dist/backends/cpu/index.js");
  const { directory } = await import("../dist/node.js");
  const started = performance.now();
  const onProgress = () => process.send({ external: process.memoryUsage().external });
  const options = { backend: cpu(), context: 64, cachePositions: 64, onProgress };
  const engine = await Engine.load(directory(folder), options);
  const { weightBytes, cacheBytes, arenaBytes, checkpointBytes } = engine.sizes;
  const seconds = (performance.now() - started) / 1000;
  process.send({ weightBytes, cacheBytes, arenaBytes, checkpointBytes, seconds });
  await new Promise((resolve) => process.once("message", resolve));
  process.exit(0);
}

async function measure(gigabytes) {
  const folder = mkdtempSync(join(process.env["UNMASK_BENCH_FOLDER"] ?? tmpdir(), "unmask-load-"));
  try {
    await mkdir(folder, { recursive: true });
    const made = await generate(folder, gigabytes * 1e9);
    const child = spawn(process.execPath, [fileURLToPath(import.meta.url)], {
      env: { ...process.env, UNMASK_LOAD: folder },
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    let external = 0;
    const result = await new Promise((resolve, reject) => {
      child.on("message", (message) => {
        if ("weightBytes" in message) resolve(message);
        else external = Math.max(external, message.external);
      });
      child.on("exit", (code, signal) =>
        reject(new Error(`The loading process ended with ${code ?? signal}`)),
      );
    });
    // The kernel records the peak of the resident set, so no peak between two samples is missed.
    const peak =
      1024 * Number(/VmHWM:\s*(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))[1]);
    child.removeAllListeners("exit");
    child.send("end");
    report({ ...made, ...result, peak, external });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function report({ layers, shards, tensors, peak, external, seconds, ...bytes }) {
  const { checkpointBytes, weightBytes, cacheBytes, arenaBytes } = bytes;
  const resident = weightBytes + cacheBytes + arenaBytes;
  const mib = (count) => `${(count / mebibyte).toFixed(0)} MiB`;
  const above = peak - resident;
  console.log(`# Memory while loading

\`node bench/loadMemory.mjs ${process.argv[2] ?? 4}\`, on the CPU backend: Node ${process.versions.node}, ${cpus().length} cores, ${mib(totalmem())} of memory.

A generated checkpoint with LLaDA-8B's tensors and widths in bf16 (${layers} layers, vocabulary 32768): ${tensors} tensors, ${(checkpointBytes / 1e9).toFixed(2)} GB in ${shards} shards.
The CPU backend stores weights in f32, so twice that size is resident. The peak is the kernel's VmHWM of the process.

|                                        |        |
| -------------------------------------- | -----: |
| checkpoint                             | ${mib(checkpointBytes)} |
| resident weights                       | ${mib(weightBytes)} |
| K/V pool and arena (context 64)        | ${mib(cacheBytes + arenaBytes)} |
| peak of the resident set               | ${mib(peak)} |
| peak of array buffers, from Node       | ${mib(external)} |
| **peak above weights, pool and arena** | **${mib(above)}** (limit: ${limitMiB} MiB) |
| time to load                           | ${seconds.toFixed(1)} s |`);
  if (above > limitMiB * mebibyte) process.exitCode = 1;
}
