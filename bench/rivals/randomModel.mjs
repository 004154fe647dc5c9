// Models of random weights, as checkpoints that exist only while they are read. A number depends on its tensor and its place.
import { preTokenizerOf, preTokenizerParts } from "../../dist/core/gguf/preTokenizers.js";
import { memory } from "../../dist/sources/memory.js";
import { configs, specialTokens, tensorsOf } from "./modelShapes.mjs";

/** The bits of the bf16 numbers [start, start + count) of a tensor: near one for a norm, else about normal. */
function numbers(name, seed, start, count, width) {
  const out = new Uint16Array(count);
  const number = new Float32Array(1);
  const bits = new Uint32Array(number.buffer);
  const isNorm = name.includes("norm");
  const deviation = 1 / Math.sqrt(width);
  for (let index = 0; index < count; index++) {
    let hash = Math.imul(start + index + 1, 0x9e3779b1) ^ seed;
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    // The sum of four bytes, with a mean of 0 and a deviation of 1.
    const sum = (hash & 255) + ((hash >>> 8) & 255) + ((hash >>> 16) & 255) + (hash >>> 24);
    const normal = (sum - 510) / 147.8;
    number[0] = isNorm ? 1 + 0.1 * normal : deviation * normal;
    out[index] = bits[0] >>> 16;
  }
  return new Uint8Array(out.buffer);
}

function weightFile(config) {
  const tensors = tensorsOf(config);
  let at = 0;
  const places = tensors.map((tensor, index) => {
    const start = at;
    at += 2 * tensor.count;
    return { ...tensor, start, end: at, seed: Math.imul(index + 1, 0x27d4eb2f) };
  });
  const entry = ({ name, shape, start, end: stop }) => [
    name,
    { dtype: "BF16", shape, data_offsets: [start, stop] },
  ];
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(places.map(entry))));
  const header = new Uint8Array(8 + json.length);
  new DataView(header.buffer).setBigUint64(0, BigInt(json.length), true);
  header.set(json, 8);
  return {
    name: "model.safetensors",
    size: header.length + at,
    async read(offset, length) {
      const out = new Uint8Array(length);
      out.set(header.subarray(offset, offset + length));
      const from = offset - header.length;
      for (const { name, shape, start, end: stop, seed } of places) {
        const first = Math.max(start, from);
        const last = Math.min(stop, from + length);
        if (first >= last) continue;
        const whole = (first - start) >> 1;
        const count = Math.ceil((last - start) / 2) - whole;
        const bytes = numbers(name, seed, whole, count, shape.at(-1));
        const skip = first - start - 2 * whole;
        out.set(bytes.subarray(skip, skip + last - first), first - from);
      }
      return out;
    },
  };
}

/** The characters of bytes in vocabularies of byte pairs. */
function byteCharacters() {
  const isPlain = (byte) =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || (byte >= 174 && byte <= 255);
  let others = 0;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isPlain(byte) ? byte : 256 + others++));
}

/** One token for every byte: a text of n letters is n tokens. */
function tokenizer() {
  const vocab = Object.fromEntries(byteCharacters().map((character, id) => [character, id]));
  const special = (id, content) => ({
    id,
    content,
    special: true,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
  });
  return {
    ...preTokenizerParts(preTokenizerOf("qwen2")),
    added_tokens: [special(specialTokens.end, "<|end|>"), special(specialTokens.mask, "<|mask|>")],
    model: { type: "BPE", vocab, merges: [] },
  };
}

/** @returns a ModelSource with a model of a name in `configs` */
export function randomModel(name) {
  const config = configs[name];
  const weights = weightFile(config);
  const json = { "config.json": JSON.stringify(config), "tokenizer.json": JSON.stringify(tokenizer()) };
  const others = memory(json, `random ${name}`);
  return {
    name: others.name,
    list: async () => [...(await others.list()), weights.name],
    open: async (file, signal) => (file === weights.name ? weights : others.open(file, signal)),
  };
}
