/** Converts command-line options to the fields of a request. options.ts derives the options from declarations. */

import { parseValue } from "../core/declare/parseValue.ts";
import {
  bind,
  type Choice,
  cachePolicies,
  defaultCache,
  defaultDecoder,
  type GenerateRequest,
  requestParameters,
  validate,
} from "../core/index.ts";
import { readDraftOptions } from "./draftOptions.ts";
import { builtIn, type OptionKind, optionalKinds, type Vocabulary } from "./options.ts";

/** The decoder and cache of a bidirectional model whose request names neither. */
const defaultNames = { decoder: defaultDecoder, cache: defaultCache(Infinity) };

/** The option values that commander parsed, by attribute. */
export type OptionValues = Readonly<Record<string, unknown>>;
/** The fields of a request that options set. */
export type RequestChoices = Omit<GenerateRequest, "messages" | "prompt" | "tokens" | "overrides">;

/**
 * Reads the request fields that were given as options, and validates them against the declarations before any model
 * is loaded. The engine and the model supply the other fields.
 * @throws DiffusionError `invalid-request`
 */
export function readChoices(values: OptionValues, { declarations, options }: Vocabulary): RequestChoices {
  const names = { decoder: values["decoder"], cache: values["cache"] };
  const given = (kind: OptionKind, owner?: unknown) =>
    Object.fromEntries(
      options
        .filter((option) => option.kind === kind && values[option.attribute] !== undefined)
        .map((option) => {
          const use = option.uses.find((candidate) => candidate.owner === owner) ?? option.uses[0]!;
          const text = values[option.attribute] as string | boolean;
          return [option.parameter, parseValue(option.flag, use.declaration, text)];
        }),
    );
  const choose = (kind: "decoder" | "cache"): Choice | undefined => {
    const name = String(names[kind] ?? defaultNames[kind]);
    const parameters = given(kind, name);
    if (names[kind] === undefined && Object.keys(parameters).length === 0) return undefined;
    return { name, ...parameters };
  };
  const own = given("request");
  const decoder = choose("decoder");
  const cache = choose("cache");
  const turnedOn = optionalKinds.flatMap((kind) => {
    const parameters = given(kind);
    return values[kind] === true || Object.keys(parameters).length > 0 ? [[kind, parameters] as const] : [];
  });
  const draft = readDraftOptions(values);
  const stop = values["stop"] as readonly string[] | undefined;
  validate("request", requestParameters, own);
  if (decoder) bind("decoder", declarations.decoders, decoder);
  if (cache) bind("cache", cachePolicies, cache);
  for (const [kind, parameters] of turnedOn) validate(kind, builtIn[kind], parameters);
  return {
    ...own,
    ...(decoder ? { decoder } : {}),
    ...(cache ? { cache } : {}),
    ...Object.fromEntries(turnedOn),
    ...(draft ? { draft } : {}),
    ...(stop ? { stop } : {}),
  };
}
