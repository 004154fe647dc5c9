import { DiffusionError, found } from "../error.ts";
import { isJsonObject, type JsonObject } from "../jsonObject.ts";
import { textOfToken, tokenRoles } from "./files.ts";

/** A token that the tokenizer matches in the text before the model splits the rest. */
export interface AddedToken {
  readonly id: number;
  readonly text: string;
  /** A control token, not text: shown only on request, and parsed only where the caller allows it. */
  readonly special: boolean;
  /** Whether the token is matched in the normalized text; always false for special tokens. */
  readonly normalized: boolean;
  /** Whether a match includes the white space before it. */
  readonly stripsLeft: boolean;
  /** Whether a match includes the white space after it. */
  readonly stripsRight: boolean;
  /** Whether a match inside a word is ignored. */
  readonly singleWord: boolean;
}

/** The texts of the tokens that tokenizer_config.json declares special. */
function declaredSpecial(config: JsonObject): Set<string> {
  const declared: unknown[] = tokenRoles.map((role) => config[`${role}_token`]);
  for (const key of ["additional_special_tokens", "extra_special_tokens"]) {
    const list = config[key];
    if (Array.isArray(list)) declared.push(...list);
    else if (isJsonObject(list)) declared.push(...Object.values(list));
  }
  const decoder = config["added_tokens_decoder"];
  if (isJsonObject(decoder)) {
    declared.push(
      ...Object.values(decoder).filter((token) => isJsonObject(token) && token["special"] === true),
    );
  }
  return new Set(declared.map(textOfToken).filter((text) => text !== undefined));
}

/**
 * The added tokens of tokenizer.json, and the tokens of its vocabulary that tokenizer_config.json or `controlIds` mark as
 * special: only added tokens can be parsed, and plain text could otherwise produce them.
 * @param options.idOf the model's vocabulary
 * @throws DiffusionError `invalid-file`
 */
export function readAddedTokens(
  file: JsonObject,
  options: {
    readonly config: JsonObject;
    readonly controlIds: readonly number[];
    readonly idOf: ReadonlyMap<string, number>;
    readonly name: string;
  },
): AddedToken[] {
  const { config, idOf, name } = options;
  const listed = file["added_tokens"] ?? [];
  const special = declaredSpecial(config);
  const control = new Set(options.controlIds);
  const tokens: AddedToken[] = [];
  const texts = new Set<string>();
  for (const token of Array.isArray(listed) ? listed : [listed]) {
    const id = isJsonObject(token) ? token["id"] : undefined;
    const text = textOfToken(token);
    if (!isJsonObject(token) || text === undefined || !Number.isInteger(id) || (id as number) < 0) {
      throw new DiffusionError(
        "invalid-file",
        `Cannot read '${name}' as each added token needs an 'id' and a 'content': found ${found(token)}`,
      );
    }
    const isSpecial = token["special"] === true || special.has(text) || control.has(id as number);
    texts.add(text);
    tokens.push({
      id: id as number,
      text,
      special: isSpecial,
      normalized: !isSpecial && token["normalized"] !== false,
      stripsLeft: token["lstrip"] === true,
      stripsRight: token["rstrip"] === true,
      singleWord: token["single_word"] === true,
    });
  }
  for (const [text, id] of idOf) {
    if (texts.has(text) || !(special.has(text) || control.has(id))) continue;
    const plain = { normalized: false, stripsLeft: false, stripsRight: false, singleWord: false };
    tokens.push({ id, text, special: true, ...plain });
  }
  return tokens;
}
