/** From options to the fields of a request. No parameter is named here: options.ts derives them all. */
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
import { parseValue } from "./values.ts";

/** What a request means that names none, on a bidirectional model. */
const defaultNames = { decoder: defaultDecoder, cache: defaultCache(Infinity) };

/** What commander read: by attribute, absent where not given. */
export type OptionValues = Readonly<Record<string, unknown>>;
/** The part of a request that options decide. */
export type RequestChoices = Omit<GenerateRequest, "messages" | "prompt" | "tokens" | "overrides">;

/**
 * The request's fields that the options give. Everything is checked against the declarations, before any model is
 * loaded; what is not given is left to the engine and the model.
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
