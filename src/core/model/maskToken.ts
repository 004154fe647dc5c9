/** The id of the mask token, from all files that may name it. */
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
  /** Ids that have another meaning. */
  readonly reserved: readonly number[];
}

/**
 * What config.json, generation_config.json and the tokenizer name, else the family's own.
 * @throws DiffusionError `invalid-file` if two of the files disagree, none names it, or it is no token of the model's
 */
export function findMaskToken(sources: Sources): number {
  const { tokenizer, vocabulary, mask, reserved } = sources;
  const known = named(sources);
  const [first] = known;
  const other = known.find(([, id]) => id !== first?.[1]);
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

/** Each file that names one, with the id that it names. */
function named({ mask, config, generation, tokenizer }: Sources): readonly (readonly [string, number])[] {
  const idOf = (text: string | undefined) => (text === undefined ? undefined : addedToken(tokenizer, text));
  const all: readonly (readonly [string, number | undefined])[] = [
    [config.name, config.token("mask_token_id")],
    [generation.name, generation.token("mask_token_id")],
    ["tokenizer_config.json", idOf(tokenizer?.roles.mask)],
    ...mask.texts.map((text) => [`'${text}' in ${tokenizer?.name}`, idOf(text)] as const),
  ];
  return all.filter((entry): entry is readonly [string, number] => entry[1] !== undefined);
}

/** The id of an added token: what only spells like it in the vocabulary is text that a prompt may hold. */
export function addedToken(tokenizer: Tokenizer | undefined, text: string): number | undefined {
  const id = tokenizer?.idOf(text);
  return id !== undefined && tokenizer?.piece(id)?.added ? id : undefined;
}

/** The token of a family's published checkpoints, where the tokenizer shows that it is no text. */
function familyToken(id: FamilyModel["mask"]["token"], tokenizer: Tokenizer | undefined): number {
  const message = "Cannot load the model as neither config nor tokenizer names a mask token";
  if (typeof id !== "number")
    throw new DiffusionError("invalid-file", `${message}: expected 'mask_token_id' in config.json`);
  if (tokenizer?.piece(id)?.added) return id;
  const what = tokenizer
    ? `${JSON.stringify(tokenizer.tokenText(id))} as the family's own, ${id}, which is no added token of ${tokenizer.name}`
    : `no tokenizer that shows whether the family's own, ${id}, is no text`;
  throw new DiffusionError(
    "invalid-file",
    `${message}, and 'mask_token_id' in config.json must do so: found ${what}`,
  );
}

/** The highest id of the vocabulary that stands for no text, and for nothing else. */
function unusedToken(
  tokenizer: Tokenizer | undefined,
  vocabulary: number,
  reserved: readonly number[],
): number {
  const isUnused = (id: number) => !reserved.includes(id) && (!tokenizer || tokenizer.tokenText(id) === "");
  for (let id = vocabulary - 1; id >= 0; id--) if (isUnused(id)) return id;
  const message = `Cannot load the model as each of its ${vocabulary} tokens has a text: expected 'mask_token_id' in generation_config.json to name one that is never written`;
  throw new DiffusionError("invalid-file", message);
}
