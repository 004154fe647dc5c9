/**
 * Parameters, declared once. A decoder, a cache policy or a sampling option declares what it accepts; validation,
 * command-line options, HTTP schemas and the tables of the documentation derive from that declaration.
 */
import { DiffusionError, found } from "../error.ts";

interface Described<T> {
  /** The value if the caller sets none; `null` if the parameter is then off. */
  readonly default: T;
  readonly help: string;
}
interface NumberRange {
  readonly minimum: number;
  readonly maximum: number;
  readonly integer: boolean;
  /** The minimum itself is not allowed. */
  readonly exclusiveMinimum: boolean;
  /** The greatest value that is worth a trial: greater ones are valid, and hardly differ from it in effect. */
  readonly saturatesAt?: number;
  /** `null` is a valid value and means "off". */
  readonly nullable: boolean;
}

export interface NumberParameter<T extends number | null = number> extends Described<T>, NumberRange {
  readonly kind: "number";
}
export interface BooleanParameter extends Described<boolean> {
  readonly kind: "boolean";
}
export interface ChoiceParameter<T extends string | null = string> extends Described<T> {
  readonly kind: "choice";
  readonly choices: readonly Exclude<T, null>[];
  /** `null` is a valid value and means "none of the choices". */
  readonly nullable: boolean;
}
export type Parameter =
  | NumberParameter<number>
  | NumberParameter<number | null>
  | BooleanParameter
  | ChoiceParameter
  | ChoiceParameter<string | null>;
export type Parameters = Readonly<Record<string, Parameter>>;

/** The validated values of a set of declared parameters. */
export type ValuesOf<P extends Parameters> = {
  readonly [K in keyof P]: P[K] extends Described<infer T> ? T : never;
};

type NumberOptions<T> = Described<T> & {
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: boolean;
  saturatesAt?: number;
};

function range(options: NumberOptions<unknown>, integer: boolean, nullable: boolean): NumberRange {
  const { minimum = -Infinity, maximum = Infinity, exclusiveMinimum = false, saturatesAt } = options;
  const saturation = saturatesAt === undefined ? {} : { saturatesAt };
  return { minimum, maximum, integer, exclusiveMinimum, nullable, ...saturation };
}

/** A finite number. */
export function number(options: NumberOptions<number>): NumberParameter {
  return { kind: "number", default: options.default, help: options.help, ...range(options, false, false) };
}
/** A whole number. */
export function integer(options: NumberOptions<number>): NumberParameter {
  return { kind: "number", default: options.default, help: options.help, ...range(options, true, false) };
}
/** A whole number, or null for "off". */
export function optionalInteger(options: NumberOptions<number | null>): NumberParameter<number | null> {
  return { kind: "number", default: options.default, help: options.help, ...range(options, true, true) };
}
/** A number in [0, 1]. */
export function probability(options: Described<number>): NumberParameter {
  return number({ minimum: 0, maximum: 1, ...options });
}
/** A number in [0, 1], or null for "off". */
export function optionalProbability(options: Described<number | null>): NumberParameter<number | null> {
  return { kind: "number", ...options, ...range({ minimum: 0, maximum: 1, ...options }, false, true) };
}
export function boolean(options: Described<boolean>): BooleanParameter {
  return { kind: "boolean", ...options };
}
export function choice<const T extends string>(
  choices: readonly T[],
  options: Described<T>,
): ChoiceParameter<T> {
  return { kind: "choice", choices: choices as readonly Exclude<T, null>[], nullable: false, ...options };
}
/** One of several names, or null for none of them. */
export function optionalChoice<const T extends string>(
  choices: readonly T[],
  options: Described<T | null>,
): ChoiceParameter<T | null> {
  return { kind: "choice", choices: choices as readonly Exclude<T, null>[], nullable: true, ...options };
}

/** Describes the values that a parameter accepts, in words, for errors and help texts. */
export function describeParameter(parameter: Parameter): string {
  switch (parameter.kind) {
    case "boolean":
      return "true or false";
    case "choice":
      return `one of ${parameter.choices.join(", ")}${parameter.nullable ? ", or null" : ""}`;
    case "number": {
      const { minimum, maximum, integer, exclusiveMinimum, nullable } = parameter;
      const noun = integer ? "an integer" : "a number";
      const low = minimum === -Infinity ? "" : exclusiveMinimum ? `above ${minimum}` : `at least ${minimum}`;
      const high = maximum === Infinity ? "" : `at most ${maximum}`;
      const bounds = low && high ? `${low} and ${high}` : low || high;
      return `${noun}${bounds ? ` ${bounds}` : ""}${nullable ? ", or null" : ""}`;
    }
  }
}

/** Whether the parameter accepts a value. NaN and infinity are never accepted. */
export function accepts(parameter: Parameter, value: unknown): boolean {
  switch (parameter.kind) {
    case "boolean":
      return typeof value === "boolean";
    case "choice":
      if (value === null) return parameter.nullable;
      return typeof value === "string" && (parameter.choices as readonly string[]).includes(value);
    case "number": {
      if (value === null) return parameter.nullable;
      if (typeof value !== "number" || !Number.isFinite(value)) return false;
      if (parameter.integer && !Number.isInteger(value)) return false;
      if (value > parameter.maximum) return false;
      return parameter.exclusiveMinimum ? value > parameter.minimum : value >= parameter.minimum;
    }
  }
}

/**
 * Checks values against a declaration and adds the defaults.
 * @param owner the declaration, as errors name it: `decoder 'threshold'`
 * @throws DiffusionError `invalid-request` for an unknown name or a value out of range
 */
export function validate<P extends Parameters>(
  owner: string,
  parameters: P,
  values: Readonly<Record<string, unknown>>,
): ValuesOf<P> {
  // `for in` allocates nothing; declarations and values are plain objects.
  for (const name in values) {
    if (!Object.hasOwn(parameters, name)) {
      const known = Object.keys(parameters);
      throw new DiffusionError(
        "invalid-request",
        `Cannot use ${owner} as it has no option '${name}': it takes ${known.join(", ") || "none"}`,
      );
    }
  }
  const result: Record<string, unknown> = {};
  for (const name in parameters) {
    const parameter = parameters[name]!;
    const value = values[name] === undefined ? parameter.default : values[name];
    if (!accepts(parameter, value)) {
      throw new DiffusionError(
        "invalid-request",
        `Cannot use ${owner} as '${name}' must be ${describeParameter(parameter)}: found ${found(value)}`,
      );
    }
    result[name] = value;
  }
  return result as ValuesOf<P>;
}
