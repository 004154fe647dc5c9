/** Settings of a search: what a preset can have. Each has a name, which is the configuration of its records. */
import {
  type Choice,
  DiffusionError,
  defaultCache,
  found,
  type Parameters,
  type Presets,
} from "../../core/index.ts";
import { presetFields } from "../../core/model/presets.ts";
import type { Configuration } from "../configuration.ts";

export type Settings = Presets["settings"]["balanced"];

/** A configuration whose request is a preset. */
export interface Candidate extends Configuration {
  readonly request: Settings;
}

/** A declaration without its functions. */
interface Declared {
  readonly name: string;
  readonly parameters: Parameters;
}

/**
 * Settings without what has no effect: a cache that is the default, and parameters other than the first at their defaults. Equal
 * decoding thus has equal settings.
 */
export function plainSettings(
  { decoder, cache, ...rest }: Settings,
  declared: { readonly decoders: readonly Declared[]; readonly caches: readonly Declared[] },
  maskBlock: number,
): Settings {
  const plainCache = cache && plainChoice(cache, declared.caches, 0);
  return {
    decoder: plainChoice(decoder, declared.decoders, 1),
    ...(plainCache && plainCache.name !== defaultCache(maskBlock) && { cache: plainCache }),
    ...rest,
  };
}

/** @param kept the number of parameters that stay even at their defaults */
function plainChoice(choice: Choice, known: readonly Declared[], kept: number): Choice {
  const parameters = known.find(({ name }) => name === choice.name)?.parameters ?? {};
  const { name, ...values } = choice;
  const left = Object.keys(parameters).filter(
    (key, index) => index >= kept && values[key] === parameters[key]!.default,
  );
  // Parameters in the order of their declaration, so that equal choices have equal names.
  const keys = [...new Set([...Object.keys(parameters), ...Object.keys(values)])];
  const chosen = keys.filter((key) => values[key] !== undefined && !left.includes(key));
  return { name, ...Object.fromEntries(chosen.map((key) => [key, values[key]])) };
}

/** For example `entropyBound gamma 0.1, vicinity left 8, blockLength 64`. */
export function nameOf({ decoder, cache, ...rest }: Settings): string {
  const fields = Object.entries(rest).map(([field, value]) => `${field}${valueText(value)}`);
  return [choiceText(decoder), ...(cache ? [choiceText(cache)] : []), ...fields].join(", ");
}

function choiceText({ name, ...parameters }: Choice): string {
  return `${name}${valueText(parameters)}`;
}

function valueText(value: unknown): string {
  if (typeof value !== "object" || value === null) return ` ${String(value)}`;
  return Object.entries(value)
    .map(([name, each]) => ` ${name} ${String(each)}`)
    .join("");
}

/**
 * Reads a configuration as settings; `preset` stands for the settings of the model's preset.
 * @throws DiffusionError `invalid-file` if the configuration has a model, a field that no preset has, or no decoder
 */
export function readSettings(
  { name, model, request }: Configuration,
  presets: Presets,
  file: string,
): Settings {
  const fail = (what: string) =>
    new DiffusionError("invalid-file", `Cannot tune as '${name}' in '${file}' ${what}`);
  if (model !== undefined) throw fail(`must not have a model, which '--model' names: found ${found(model)}`);
  const { preset, ...own } = request;
  if (preset && !Object.hasOwn(presets.settings, preset))
    throw fail(
      `must have one of ${Object.keys(presets.settings).join(", ")} as 'preset': found ${found(preset)}`,
    );
  const settings = { ...(preset ? presets.settings[preset] : {}), ...own };
  const unknown = Object.keys(settings).find((field) => !presetFields.includes(field));
  if (unknown !== undefined) throw fail(`must have only fields of presets: found '${unknown}'`);
  if (typeof settings.decoder?.name !== "string") throw fail("must have a decoder or a preset");
  return settings as Settings;
}
