/** The settings of a link, checked against the declarations that the page's own fields are made of. */

import { parseValue } from "../../src/core/declare/parseValue.ts";
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
import { cacheDeclarations, decoderDeclarations, type Values } from "../controls/declarations.ts";
import type { Settings } from "../controls/settings.ts";
import { validCaches, whyNoSmoothing } from "../controls/validity.ts";

/** Takes a field out of the link. */
type Take = (name: string) => string | undefined;

export interface Reading {
  readonly take: Take;
  /** Before the names of all fields. */
  readonly prefix: string;
  readonly problems: string[];
}

interface Lane {
  readonly present: Settings;
  /** The fields of the request that the link may hold for the lane. */
  readonly request: Parameters;
}

/**
 * The settings of a lane. Fields of the request and smoothing are those of the link alone; a decoder or a cache that it does not name
 * stays.
 */
export function readSettings(
  reading: Reading,
  info: EngineInfo,
  { present, request }: Lane,
): Partial<Settings> {
  const decoder = readChoice(reading, "decoder", info.decoders, (choice) =>
    decoderDeclarations(choice, info),
  );
  const decoderInUse = decoder ?? present.decoder;
  const cache = readChoice(reading, "cache", validCaches(decoderInUse, info), cacheDeclarations);
  const smoothing = readSmoothing(reading, whyNoSmoothing(decoderInUse, info));
  return {
    ...(decoder && { decoder }),
    ...(cache && { cache }),
    smoothing,
    request: readValues(reading, request, ""),
  };
}

function readChoice(
  reading: Reading,
  kind: "decoder" | "cache",
  offered: readonly { readonly name: string }[],
  declarationsOf: (choice: Choice) => Parameters,
): Choice | undefined {
  const field = reading.prefix + kind;
  const name = reading.take(field);
  if (name === undefined) return undefined;
  if (!offered.some((each) => each.name === name)) {
    const names = offered.map((each) => each.name).join(", ");
    reading.problems.push(`‘${field}’ must be one of ${names}: found ${found(name)}`);
    return undefined;
  }
  return { name, ...readValues(reading, declarationsOf({ name }), `${kind}.`) };
}

function readSmoothing(reading: Reading, refusal: string | undefined): Values | null {
  const { take, prefix, problems } = reading;
  const text = take(`${prefix}smoothing`);
  if (text === undefined) return null;
  const values = readValues(reading, smoothingParameters, "smoothing.");
  if (text === "on" && refusal === undefined) return values;
  problems.push(`‘${prefix}smoothing’: ${refusal ?? `It must be on: found ${found(text)}`}`);
  return null;
}

function readValues({ take, prefix, problems }: Reading, parameters: Parameters, group: string): Values {
  const values: Record<string, unknown> = {};
  for (const [name, parameter] of Object.entries(parameters)) {
    const field = prefix + group + name;
    const text = take(field);
    if (text === undefined) continue;
    const value = parsed(parameter, text);
    if (accepts(parameter, value)) values[name] = value;
    else problems.push(`‘${field}’ must be ${describeParameter(parameter)}: found ${found(text)}`);
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
