/** The settings of a link, checked against the declarations that the page's own fields are made of. */

import { parseValue } from "../../src/cli/values.ts";
import {
  accepts,
  type Choice,
  describeParameter,
  type EngineInfo,
  found,
  type Parameter,
  type Parameters,
  smoothingParameters,
} from "../../src/core/index.ts";
import {
  cacheDeclarations,
  decoderDeclarations,
  settings as present,
  requestDeclarations,
  type Settings,
  type Values,
} from "../controls/settings.ts";
import { validCaches, whyNoSmoothing } from "../controls/validity.ts";

/** Takes a field out of the link. */
type Take = (name: string) => string | undefined;

/** Fields of the request and smoothing are those of the link alone; a decoder or a cache that it does not name stays. */
export function readSettings(take: Take, info: EngineInfo, problems: string[]): Partial<Settings> {
  const read = { take, problems };
  const decoder = readChoice(read, "decoder", info.decoders, (choice) => decoderDeclarations(choice, info));
  const decoderInUse = decoder ?? present.value.decoder;
  const cache = readChoice(read, "cache", validCaches(decoderInUse, info), cacheDeclarations);
  const smoothing = readSmoothing(read, whyNoSmoothing(decoderInUse, info));
  const request = readValues(read, requestDeclarations(info), "");
  return { ...(decoder && { decoder }), ...(cache && { cache }), smoothing, request };
}

interface Reading {
  readonly take: Take;
  readonly problems: string[];
}

function readChoice(
  { take, problems }: Reading,
  field: "decoder" | "cache",
  offered: readonly { readonly name: string }[],
  declarationsOf: (choice: Choice) => Parameters,
): Choice | undefined {
  const name = take(field);
  if (name === undefined) return undefined;
  if (!offered.some((each) => each.name === name)) {
    const names = offered.map((each) => each.name).join(", ");
    problems.push(`‘${field}’ must be one of ${names}: found ${found(name)}`);
    return undefined;
  }
  return { name, ...readValues({ take, problems }, declarationsOf({ name }), `${field}.`) };
}

function readSmoothing(reading: Reading, refusal: string | undefined): Values | null {
  const { take, problems } = reading;
  const text = take("smoothing");
  if (text === undefined) return null;
  const values = readValues(reading, smoothingParameters, "smoothing.");
  if (text === "on" && refusal === undefined) return values;
  problems.push(`‘smoothing’: ${refusal ?? `It must be on: found ${found(text)}`}`);
  return null;
}

function readValues({ take, problems }: Reading, parameters: Parameters, prefix: string): Values {
  const values: Record<string, unknown> = {};
  for (const [name, parameter] of Object.entries(parameters)) {
    const text = take(prefix + name);
    if (text === undefined) continue;
    const value = parsed(parameter, text);
    if (accepts(parameter, value)) values[name] = value;
    else problems.push(`‘${prefix}${name}’ must be ${describeParameter(parameter)}: found ${found(text)}`);
  }
  return values;
}

/** @returns undefined for a text that is no value of the parameter */
function parsed(parameter: Parameter, text: string): unknown {
  const isSwitch = parameter.kind === "boolean" && (text === "true" || text === "false");
  try {
    return parseValue("", parameter, isSwitch ? text === "true" : text);
  } catch {
    return undefined;
  }
}
