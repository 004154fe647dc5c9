/** Declarations that a request chooses by name, with parameters: decoders and cache policies. */
import { DiffusionError, found } from "../error.ts";
import { type Parameters, type ValuesOf, validate } from "./parameter.ts";

export interface Declared {
  readonly name: string;
  readonly parameters: Parameters;
}

/** A name and parameters, as a request gives them: `{ name: "threshold", threshold: 0.9 }`. */
export interface Choice {
  readonly name: string;
  readonly [parameter: string]: unknown;
}

/** The declaration that a request chose, with validated parameters. */
export interface Bound<D extends Declared> {
  readonly declaration: D;
  readonly parameters: ValuesOf<Parameters>;
}

/**
 * Finds the chosen declaration and validates its parameters.
 * @param kind what is chosen, as errors name it: `decoder`, `cache`
 * @throws DiffusionError `invalid-request` for an unknown name or invalid parameters
 */
export function bind<D extends Declared>(kind: string, known: readonly D[], choice: Choice): Bound<D> {
  if (typeof choice !== "object" || choice === null) {
    const message = `Cannot run the request as '${kind}' must be an object with a 'name': found ${found(choice)}`;
    throw new DiffusionError("invalid-request", message);
  }
  const { name, ...parameters } = choice;
  const declaration = known.find((candidate) => candidate.name === name);
  if (!declaration) {
    const names = known.map((candidate) => candidate.name).join(", ");
    const message = `Cannot run the request as its ${kind} must be one of ${names}: found ${found(name)}`;
    throw new DiffusionError("invalid-request", message);
  }
  return { declaration, parameters: validate(`${kind} '${name}'`, declaration.parameters, parameters) };
}
