/**
 * Pre-tokenizers by their names in `tokenizer.ggml.pre`: the expressions of the original tokenizer.json files, of which
 * llama.cpp has names only. Names with the same expression share an entry.
 */
import { isJsonObject, type JsonObject } from "../jsonObject.ts";

const contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
const rest = "\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
const words = "[^\\r\\n\\p{L}\\p{N}]?\\p{L}+";
const marks = " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*";
const gpt2 = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
const gpt4o = [
  `[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+${contractions}?`,
  `[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*${contractions}?`,
  `\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|${rest}`,
].join("|");

export interface PreTokenizer {
  readonly expression: string;
  /** The normal form of texts before they are split. */
  readonly normalizer?: "NFC";
  /** Whether a word in the vocabulary is one token without merges. */
  readonly ignoreMerges?: boolean;
}

const gpt2Names = ["gpt-2", "phi-2", "mpt", "olmo", "jais", "roberta-bpe", "granite-docling"];
const digits3: PreTokenizer = { expression: `${contractions}|${words}|\\p{N}{1,3}|${marks}|${rest}` };
const table: readonly (readonly [names: readonly string[], preTokenizer: PreTokenizer])[] = [
  [gpt2Names, { expression: gpt2 }],
  [
    ["qwen2", "deepseek-r1-qwen", "megrez", "hunyuan"],
    { expression: `${contractions}|${words}|\\p{N}|${marks}|${rest}`, normalizer: "NFC" },
  ],
  [
    ["llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral"],
    { ...digits3, ignoreMerges: true },
  ],
  [["smaug-bpe", "dbrx", "glm4", "chatglm-bpe"], digits3],
  [
    ["bailingmoe", "bailingmoe2", "llada-moe"],
    {
      expression: `'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+`,
      normalizer: "NFC",
    },
  ],
  [["seed-coder"], { expression: `${contractions}|${words}|\\p{N}{1}| ?[^\\s\\p{L}\\p{N}\\r\\n]+|${rest}` }],
  [["gpt-4o", "llama4"], { expression: gpt4o }],
];

/** Undefined for a name that is not known. */
export function preTokenizerOf(name: string): PreTokenizer | undefined {
  return table.find(([names]) => names.includes(name))?.[1];
}

/**
 * The name of the pre-tokenizer of a tokenizer.json. Undefined for another expression.
 * @param ignoreMerges as in its model
 */
export function preTokenizerNameOf(preTokenizer: unknown, ignoreMerges: boolean): string | undefined {
  const parts = isJsonObject(preTokenizer) ? preTokenizer["pretokenizers"] : undefined;
  const [split] = Array.isArray(parts) ? parts : [];
  const pattern = isJsonObject(split) ? split["pattern"] : undefined;
  const expression = isJsonObject(pattern) ? pattern["Regex"] : undefined;
  return table.find(([, each]) => {
    return each.expression === expression && (each.ignoreMerges ?? false) === ignoreMerges;
  })?.[0][0];
}

/** The parts of a tokenizer.json before its model. */
export function preTokenizerParts({ expression, normalizer }: PreTokenizer): JsonObject {
  return {
    normalizer: normalizer ? { type: normalizer } : null,
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [
        { type: "Split", pattern: { Regex: expression }, behavior: "Isolated", invert: false },
        { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: false },
      ],
    },
    decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
  };
}
