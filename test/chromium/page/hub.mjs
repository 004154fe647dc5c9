// A hub with two models for checks of the page: models/tiny, sent as slowly as a check wants, and a large one, of which only the
// header exists.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { setTimeout } from "node:timers/promises";

const tinyFolder = new URL("../../../models/tiny/", import.meta.url);
const stepBytes = 2 ** 18;
const stepMs = 120;
const commit = "0123456789abcdef0123456789abcdef01234567";
export const weightsName = "model.safetensors";

/** A model like LLaDA with 2.8 billion parameters in bf16. */
const large = {
  model_type: "llada",
  architectures: ["LLaDAModelLM"],
  d_model: 4096,
  n_layers: 8,
  n_heads: 32,
  n_kv_heads: 32,
  mlp_hidden_size: 12288,
  vocab_size: 126464,
  embedding_size: 126464,
  max_sequence_length: 4096,
  rope: true,
  rope_theta: 500000,
  block_type: "llama",
  activation_type: "silu",
  layer_norm_type: "rms",
  rms_norm_eps: 1e-5,
  weight_tying: false,
  include_bias: false,
  include_qkv_bias: false,
  mask_token_id: 126336,
  eos_token_id: 126081,
  pad_token_id: 126081,
  torch_dtype: "bfloat16",
};

/** Starts the hub. `pause.at` are the bytes of weights after which a response waits until it is closed. */
export async function openHub() {
  const models = { "org/tiny": tinyFiles(), "org/large": largeFiles() };
  const pause = { at: Number.POSITIVE_INFINITY };
  const ranges = [];
  const server = createServer((request, response) => {
    response.setHeader("access-control-allow-origin", "*");
    response.setHeader("access-control-allow-headers", "authorization, range");
    response.setHeader("access-control-expose-headers", "content-range, content-length, etag");
    if (request.method === "OPTIONS") return response.writeHead(204).end();
    const { pathname } = new URL(request.url, "http://hub");
    const [, listed] = /^\/api\/models\/([^/]+\/[^/]+)\/revision\//.exec(pathname) ?? [];
    if (listed) return sendListing(response, models[listed]);
    const [, id, name] = /^\/([^/]+\/[^/]+)\/resolve\/[^/]+\/(.+)$/.exec(pathname) ?? [];
    const file = models[id]?.[name];
    if (!file) return response.writeHead(404).end();
    if (name === weightsName) ranges.push({ id, range: request.headers.range });
    return sendFile(request, response, file, name === weightsName ? pause.at : Number.POSITIVE_INFINITY);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { origin: `http://127.0.0.1:${server.address().port}`, pause, ranges, close };
}

/** A file is its first bytes, its size and its checksum; the rest is zeros. */
function fileOf(bytes, size = bytes.length) {
  return { bytes, size, sha256: createHash("sha256").update(bytes).digest("hex") };
}

function tinyFiles() {
  const names = readdirSync(tinyFolder).filter((name) => /\.(json|safetensors)$/.test(name));
  return Object.fromEntries(names.map((name) => [name, fileOf(readFileSync(new URL(name, tinyFolder)))]));
}

function largeFiles() {
  const { d_model: hidden, mlp_hidden_size: inner, vocab_size: vocabulary, n_layers: layers } = large;
  const blockShapes = {
    attn_norm: [hidden],
    ff_norm: [hidden],
    q_proj: [hidden, hidden],
    k_proj: [hidden, hidden],
    v_proj: [hidden, hidden],
    attn_out: [hidden, hidden],
    ff_proj: [inner, hidden],
    up_proj: [inner, hidden],
    ff_out: [hidden, inner],
  };
  const shapes = { wte: [vocabulary, hidden], ln_f: [hidden], ff_out: [vocabulary, hidden] };
  for (let layer = 0; layer < layers; layer++)
    for (const [name, shape] of Object.entries(blockShapes)) shapes[`blocks.${layer}.${name}`] = shape;
  const header = {};
  let end = 0;
  for (const [name, shape] of Object.entries(shapes)) {
    const start = end;
    end += 2 * shape.reduce((product, count) => product * count, 1);
    header[`model.transformer.${name}.weight`] = { dtype: "BF16", shape, data_offsets: [start, end] };
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const weights = fileOf(Buffer.concat([length, text]), 8 + text.length + end);
  return { "config.json": fileOf(Buffer.from(JSON.stringify(large))), [weightsName]: weights };
}

function sendListing(response, files) {
  if (!files) return response.writeHead(404).end();
  const siblings = Object.entries(files).map(([rfilename, { size, sha256 }]) => {
    return { rfilename, size, lfs: { sha256 } };
  });
  return response
    .writeHead(200, { "content-type": "application/json" })
    .end(JSON.stringify({ sha: commit, siblings }));
}

function sendFile(request, response, { bytes, size }, pauseAt) {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
  const start = Number(first ?? 0);
  const end = last ? Math.min(Number(last), size - 1) : size - 1;
  const length = end - start + 1;
  response.writeHead(first === undefined ? 200 : 206, {
    "content-length": length,
    ...(first !== undefined && { "content-range": `bytes ${start}-${end}/${size}` }),
  });
  const stored = bytes.subarray(start, end + 1);
  // Zeros stand for what is not stored.
  if (end < pauseAt) response.end(Buffer.concat([stored], length));
  else trickle(response, stored.subarray(0, Math.max(0, pauseAt - start)));
}

/** Sends bytes in steps, more slowly than the page reports progress, and leaves the response open. */
async function trickle(response, bytes) {
  for (let at = 0; at < bytes.length; at += stepBytes) {
    response.write(bytes.subarray(at, at + stepBytes));
    await setTimeout(stepMs);
  }
}
