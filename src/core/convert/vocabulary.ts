/** The tokens of a tokenizer.json as llama.cpp's metadata has them: a list for all rows of the embedding, with types. */
import { preTokenizerNameOf } from "../gguf/index.ts";
import { isJsonObject, type JsonObject } from "../jsonObject.ts";

export interface Vocabulary {
  /** As in `tokenizer.ggml.pre`. */
  readonly pre: string;
  readonly tokens: readonly string[];
  /** As in `tokenizer.ggml.token_type`. */
  readonly types: readonly number[];
  readonly merges: readonly string[];
}

const [normal, control, userDefined, unused] = [1, 3, 4, 5];

/** Undefined for a tokenizer that llama.cpp's kind `gpt2` does not describe: other models than byte pairs, other expressions. */
export function vocabularyOf(tokenizer: JsonObject, rows: number): Vocabulary | undefined {
  const { model, added_tokens: added, decoder, pre_tokenizer: preTokenizer } = tokenizer;
  if (!isJsonObject(model) || !isJsonObject(decoder)) return undefined;
  const pre = preTokenizerNameOf(preTokenizer, model["ignore_merges"] === true);
  const { vocab, merges } = model;
  const bytePairs = model["type"] === "BPE" && decoder["type"] === "ByteLevel";
  if (pre === undefined || !bytePairs || !isJsonObject(vocab) || !Array.isArray(merges)) return undefined;
  const tokens = Array.from({ length: rows }, (_, id) => `[PAD${id}]`);
  const types: number[] = Array(rows).fill(unused);
  const put = (id: unknown, text: string, type: number) => {
    if (typeof id !== "number" || !(id < rows)) return;
    tokens[id] = text;
    types[id] = type;
  };
  for (const [text, id] of Object.entries(vocab)) put(id, text, normal!);
  for (const token of Array.isArray(added) ? added : []) {
    if (!isJsonObject(token)) continue;
    put(token["id"], String(token["content"]), token["special"] === true ? control! : userDefined!);
  }
  return {
    pre,
    tokens,
    types,
    merges: merges.map((pair) => (Array.isArray(pair) ? pair.join(" ") : String(pair))),
  };
}
