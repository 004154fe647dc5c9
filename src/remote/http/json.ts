/** Requests as JSON, and the core's data of JSON, in which an infinite number is null. */
import { DiffusionError, type EngineInfo, found, type Parameter, type Parameters } from "../../core/index.ts";

/** @throws DiffusionError `invalid-request` for what JSON cannot hold, such as a function or an infinite number */
export function toJson(body: unknown): string {
  const fail = (why: string, cause?: unknown) =>
    new DiffusionError("invalid-request", `Cannot send the request to the server as ${why}`, { cause });
  try {
    return JSON.stringify(body, (name, value) => {
      if (typeof value === "number" && !Number.isFinite(value))
        throw fail(`'${name}' must be finite: found ${value}`);
      if (["function", "symbol", "bigint"].includes(typeof value))
        throw fail(`'${name}' must be plain data: found a ${typeof value}`);
      return value;
    });
  } catch (error) {
    throw error instanceof DiffusionError ? error : fail(`it must be plain data: ${String(error)}`, error);
  }
}

/** @throws DiffusionError `io` for text that is not JSON */
export function parseJson(text: string, address: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const message = `Cannot use the server at ${address} as its answer must be JSON: found ${found(text)}`;
    throw new DiffusionError("io", message, { cause });
  }
}

/** A log-probability of zero probability is null in JSON. */
export function reviveLogprob(name: string, value: unknown): unknown {
  return name === "logprob" && value === null ? -Infinity : value;
}

type Finite<T> = { readonly [K in keyof T]: T[K] | null };

/** The answer of `/engine/info`. */
export type InfoJson = Omit<EngineInfo, "maskBlock"> & Finite<Pick<EngineInfo, "maskBlock">>;

export function infoOf(json: InfoJson): EngineInfo {
  const decoders = json.decoders.map((each) => ({ ...each, parameters: withInfinity(each.parameters) }));
  return { ...json, maskBlock: json.maskBlock ?? Infinity, decoders };
}

function withInfinity(parameters: Parameters): Parameters {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, parameter]) => [name, withInfiniteRange(parameter)]),
  );
}

function withInfiniteRange(parameter: Parameter): Parameter {
  if (parameter.kind !== "number") return parameter;
  const { minimum, maximum } = parameter as Finite<typeof parameter>;
  return { ...parameter, minimum: minimum ?? -Infinity, maximum: maximum ?? Infinity };
}
