/** Finds the id of the mask token in the files that may name it. */
import { DiffusionError } from "../error.ts";
import type { Tokenizer } from "../text/tokenizer.ts";
import type { ConfigReader } from "./configReader.ts";
import { type FamilyModel, requireToken } from "./model.ts";

interface Sources {
  readonly mask: FamilyModel["mask"];
  readonly config: ConfigReader;
  readonly generation: ConfigReader;
  readonly tokenizer: Tokenizer | undefined;
  readonly vocabulary: number;
  /** Ids with another meaning. */
  readonly reserved: readonly number[];
}

/**
 * The mask token from config.json, generation_config.json and the tokenizer, else the family's default.
 * @throws DiffusionError `invalid-file` if two files disagree, if no file names a mask token and the family's default
 *   cannot be confirmed, or if the id is not a token of the model
 */
export function findMaskToken(sources: Sources): number {
  const { tokenizer, vocabulary, mask, reserved } = sources;
  const all = declarations(sources);
  const [first] = all;
  const other = all.find(([, id]) => id !== first?.[1]);
  if (first && other) {
    const message = `Cannot load the model as ${first[0]} and ${other[0]} disagree on the mask token: found ${first[1]} and ${other[1]}`;
    throw new DiffusionError("invalid-file", message);
  }
  if (!first && mask.token === "unused") return unusedToken(tokenizer, vocabulary, reserved);
  const id = first?.[1] ?? familyToken(mask.token, tokenizer);
  requireToken("mask token", id, vocabulary);
  if (tokenizer && mask.token !== "unused" && tokenizer.tokenText(id) === "") {
    const message = `Cannot load the model as its tokenizer has no mask token: expected one with id ${id}`;
    throw new DiffusionError("invalid-file", message);
  }
  return id;
}

/** The files that name a mask token, each with its id. */
function declarations({
  mask,
  config,
  generation,
  tokenizer,
}: Sources): readonly (readonly [string, number])[] {
  const idOf = (text: string | undefined) => (text === undefined ? undefined : addedToken(tokenizer, text));
  const all: readonly (readonly [string, number | undefined])[] = [
    [config.name, config.token("mask_token_id")],
    [generation.name, generation.token("mask_token_id")],
    ["tokenizer_config.json", idOf(tokenizer?.roles.mask)],
    ...mask.texts.map((text) => [`'${text}' in ${tokenizer?.name}`, idOf(text)] as const),
  ];
  return all.filter((entry): entry is readonly [string, number] => entry[1] !== undefined);
}

/** The id of an added token. An ordinary token with this text is undefined, as a prompt may contain its text. */
export function addedToken(tokenizer: Tokenizer | undefined, text: string): number | undefined {
  const id = tokenizer?.idOf(text);
  return id !== undefined && tokenizer?.piece(id)?.added ? id : undefined;
}

/** The mask token of the family's published checkpoints, if the tokenizer confirms that it is an added token. */
function familyToken(id: FamilyModel["mask"]["token"], tokenizer: Tokenizer | undefined): number {
  const message = "Cannot load the model as neither config nor tokenizer names a mask token";
  if (typeof id !== "number")
    throw new DiffusionError("invalid-file", `${message}: expected 'mask_token_id' in config.json`);
  if (tokenizer?.piece(id)?.added) return id;
  const reason = tokenizer
    ? `the family's default ${id} is not an added token of ${tokenizer.name}: found ${JSON.stringify(tokenizer.tokenText(id))}`
    : `the family's default ${id} cannot be confirmed: found no tokenizer`;
  throw new DiffusionError("invalid-file", `${message} ('mask_token_id' in config.json), and ${reason}`);
}

/** The highest id of the vocabulary without a text and without another meaning. */
function unusedToken(
  tokenizer: Tokenizer | undefined,
  vocabulary: number,
  reserved: readonly number[],
): number {
  const isUnused = (id: number) => !reserved.includes(id) && (!tokenizer || tokenizer.tokenText(id) === "");
  for (let id = vocabulary - 1; id >= 0; id--) if (isUnused(id)) return id;
  const message = `Cannot load the model as each of its ${vocabulary} tokens has a text: expected 'mask_token_id' in generation_config.json with a token that the model never generates`;
  throw new DiffusionError("invalid-file", message);
}
