/**
 * Checkpoints without a tokenizer.json, such as Dream: they have vocab.json and merges.txt, the files of a slow Qwen2
 * tokenizer, which determine the fast one. Source: Qwen2's converter in transformers (convert_slow_tokenizer.py).
 */
import { DiffusionError, found } from "../error.ts";
import { isJsonObject, type JsonObject } from "../jsonObject.ts";

/** Tokenizer classes with Qwen2's pre-tokenizer. */
const qwenClasses: readonly unknown[] = ["Qwen2Tokenizer", "Qwen2TokenizerFast", "DreamTokenizer"];

const qwenWords =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

/** Whether the checkpoint has vocab.json and merges.txt of a supported tokenizer class, and no tokenizer.json. */
export function hasBytePairFiles(names: ReadonlySet<string>, config: JsonObject | undefined): boolean {
  const known = qwenClasses.includes(config?.["tokenizer_class"]);
  return known && !names.has("tokenizer.json") && names.has("vocab.json") && names.has("merges.txt");
}

/**
 * The content of the equivalent tokenizer.json.
 * @param vocab the content of vocab.json
 * @param merges the text of merges.txt
 * @param config the content of tokenizer_config.json, which has the added tokens
 * @throws DiffusionError `invalid-file` if a line of merges.txt is not a pair, or the id of an added token not a number
 */
export function fromBytePairFiles(vocab: JsonObject, merges: string, config: JsonObject): JsonObject {
  const added = isJsonObject(config["added_tokens_decoder"]) ? config["added_tokens_decoder"] : {};
  return {
    normalizer: { type: "NFC" },
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [
        { type: "Split", pattern: { Regex: qwenWords }, behavior: "Isolated", invert: false },
        { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: false },
      ],
    },
    decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
    added_tokens: Object.entries(added).map(([id, token]) => addedToken(id, token)),
    model: { type: "BPE", vocab, merges: readMerges(merges) },
  };
}

function addedToken(id: string, token: unknown): JsonObject {
  if (!/^\d+$/.test(id) || !isJsonObject(token)) {
    const message = `Cannot read 'tokenizer_config.json' as an added token must have an id and be an object: found ${found(id)}`;
    throw new DiffusionError("invalid-file", message);
  }
  return { ...token, id: Number(id) };
}

function readMerges(text: string): readonly (readonly string[])[] {
  const lines = text.split("\n").map((line) => line.replace(/\r$/, ""));
  const first = lines[0]?.startsWith("#version") ? 1 : 0;
  return lines.slice(first).flatMap((line, index) => {
    if (line === "") return [];
    const pair = line.split(" ");
    if (pair.length === 2) return [pair];
    const message = `Cannot read 'merges.txt' as line ${first + index + 1} must be a pair: found ${found(line)}`;
    throw new DiffusionError("invalid-file", message);
  });
}
