/** The declared parameters of a lane's choices and of its request, with the defaults of a model. */
import {
  accepts,
  type Choice,
  cachePolicies,
  defaultDecoder,
  type EngineInfo,
  type Parameters,
  requestParameters,
} from "../../src/core/index.ts";

/** Values that differ from the declared defaults. */
export type Values = Readonly<Record<string, unknown>>;

/** The request's own fields that each lane has for itself. */
export const laneFields: readonly string[] = ["blockLength", "temperature"];
/** The request's own fields that all lanes share. */
export const sharedFields: readonly string[] = ["genLength", "seed"];

export function laneDeclarations({ defaults }: EngineInfo): Parameters {
  const { blockLength, temperature } = requestParameters;
  return { blockLength: { ...blockLength, default: defaults.blockLength }, temperature };
}

export function sharedDeclarations({ defaults, context }: EngineInfo): Parameters {
  const { genLength, seed } = requestParameters;
  return { genLength: { ...genLength, default: defaults.genLength, maximum: context }, seed };
}

/** All of the request's own fields. */
export function requestDeclarations(info: EngineInfo): Parameters {
  return { ...sharedDeclarations(info), ...laneDeclarations(info) };
}

export function decoderDeclarations({ name }: Choice, { decoders, defaults }: EngineInfo): Parameters {
  const parameters = decoders.find((each) => each.name === name)?.parameters ?? {};
  const own = parameters["threshold"];
  if (name !== defaultDecoder || defaults.threshold === undefined || own?.kind !== "number")
    return parameters;
  return { ...parameters, threshold: { ...own, default: defaults.threshold } };
}

export function cacheDeclarations({ name }: Choice): Parameters {
  return cachePolicies.find((each) => each.name === name)?.parameters ?? {};
}

/** The names of values that the engine would refuse. */
export function refusedOf(parameters: Parameters, values: Values): string[] {
  return Object.entries(parameters)
    .filter(([name, parameter]) => values[name] !== undefined && !accepts(parameter, values[name]))
    .map(([name]) => name);
}
