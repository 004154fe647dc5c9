/**
 * Derives command-line options from the declared parameters of requests, decoders, cache policies and smoothing. choices.ts converts option values back to a request.
 */
import { type Command, Option } from "commander";
import {
  cachePolicies,
  type Declared,
  type Decoder,
  DiffusionError,
  decoders,
  type Parameter,
  type Parameters,
  requestParameters,
  smoothingParameters,
} from "../core/index.ts";

/** Optional features: `--smoothing` enables one with its defaults, and so does any of its parameters. */
export const optionalKinds = ["smoothing"] as const;
type OptionalKind = (typeof optionalKinds)[number];
export type OptionKind = "request" | "decoder" | "cache" | OptionalKind;

/** An option; decoders that declare the same parameter share it. */
export interface DeclaredOption {
  readonly kind: OptionKind;
  /** The declared name, for example `refreshEvery`. */
  readonly parameter: string;
  /** For example `--refresh-every`. */
  readonly flag: string;
  /** The key under which commander stores the value. */
  readonly attribute: string;
  /** The declarations of the parameter with their owners. */
  readonly uses: readonly { readonly owner: string; readonly declaration: Parameter }[];
}

/** A decoder or a cache policy. */
export interface Choosable extends Declared {
  readonly help: string;
  readonly source?: string | undefined;
}

export interface Declarations extends Readonly<Record<OptionalKind, Parameters>> {
  readonly request: Parameters;
  readonly decoders: readonly Choosable[];
  readonly caches: readonly Choosable[];
}

export const builtIn: Declarations = {
  request: requestParameters,
  decoders,
  caches: cachePolicies,
  smoothing: smoothingParameters,
};

/** The decoders, caches and parameters that the command line accepts. */
export interface Vocabulary {
  readonly declarations: Declarations & { readonly decoders: readonly Decoder[] };
  /** Derived from the declarations. */
  readonly options: readonly DeclaredOption[];
}

/**
 * The built-in declarations together with custom decoders.
 * @throws DiffusionError `invalid-request` for a parameter that conflicts with another parameter of its name
 */
export function vocabularyWith(own: readonly Decoder[]): Vocabulary {
  const declarations = { ...builtIn, decoders: [...decoders, ...own] };
  return { declarations, options: declaredOptions(declarations) };
}

/** Attributes of the commands' own options. A parameter of the same name gets a prefix. */
const reserved = [
  "backend",
  "batch",
  "cache",
  "cacheDtype",
  "color",
  "concurrency",
  "context",
  "decodeLoop",
  "decoder",
  "decoderModule",
  "draft",
  "remaskFraction",
  "example",
  "force",
  "help",
  "input",
  "json",
  "model",
  "offline",
  "output",
  "profile",
  "prompt",
  "raw",
  "smoothing",
  "stop",
  "system",
  "trace",
  "verbose",
  "version",
  "quantize",
];

/**
 * Derives one option per parameter. A parameter whose name is taken gets its kind as a prefix.
 * @param taken attributes that are in use
 */
export function declaredOptions(
  declarations: Declarations,
  taken: Iterable<string> = reserved,
): readonly DeclaredOption[] {
  const names = new Set(taken);
  return [
    ...optionsOf("request", [{ name: "request", parameters: declarations.request }], names),
    ...optionsOf("decoder", declarations.decoders, names),
    ...optionsOf("cache", declarations.caches, names),
    ...optionalKinds.flatMap((kind) =>
      optionsOf(kind, [{ name: kind, parameters: declarations[kind] }], names),
    ),
  ];
}

function optionsOf(kind: OptionKind, owners: readonly Declared[], taken: Set<string>): DeclaredOption[] {
  const names = new Set(owners.flatMap(({ parameters }) => Object.keys(parameters)));
  return [...names].map((parameter) => {
    const prefixed = isOptional(kind) || taken.has(parameter);
    const attribute = prefixed ? `${kind}${parameter[0]!.toUpperCase()}${parameter.slice(1)}` : parameter;
    taken.add(attribute);
    const uses = owners.flatMap(({ name, parameters }) => {
      const declaration = parameters[parameter];
      return declaration ? [{ owner: name, declaration }] : [];
    });
    requireOneForm(parameter, uses);
    return { kind, parameter, attribute, flag: flagOf(attribute), uses };
  });
}

/** Requires that all declarations of a shared option agree on whether it takes a value. */
function requireOneForm(parameter: string, uses: DeclaredOption["uses"]): void {
  const odd = uses.find(
    ({ declaration }) => (declaration.kind === "boolean") !== (uses[0]!.declaration.kind === "boolean"),
  );
  if (!odd) return;
  const message = `Cannot derive option '${parameter}' as '${uses[0]!.owner}' and '${odd.owner}' disagree on whether it is boolean`;
  throw new DiffusionError("invalid-request", message);
}

function isOptional(kind: OptionKind): kind is OptionalKind {
  return optionalKinds.some((each) => each === kind);
}

/** Converts `refreshEvery` to `--refresh-every`. */
export function flagOf(attribute: string): string {
  return `--${attribute.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** The options of all built-in declarations. */
export const builtInOptions: readonly DeclaredOption[] = declaredOptions(builtIn);

/** The help of an option: each distinct text once, with the owners and their defaults. */
export function optionHelp({ kind, uses }: DeclaredOption): string {
  const shared = kind === "decoder" || kind === "cache";
  const texts = grouped(uses, ({ declaration }) => declaration.help).map(([help, alike]) => {
    const notes = grouped(alike, ({ declaration }) => defaultText(declaration)).map(([value, owners]) =>
      shared ? `${owners.map(({ owner }) => owner).join(", ")}: ${value}` : `default: ${value}`,
    );
    return `${help} (${notes.join("; ")})`;
  });
  return texts.join("; ");
}

function grouped<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
): readonly (readonly [string, readonly T[]])[] {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return [...groups];
}

export function defaultText({ default: value }: Parameter): string {
  return value === null ? "off" : String(value);
}

const headings: Readonly<Record<OptionKind, string>> = {
  request: "Request:",
  decoder: "Decoder parameters (with their defaults):",
  cache: "Cache parameters (with their defaults):",
  smoothing: "Smoothing parameters (each enables smoothing):",
};

/** Adds the options to a command, grouped by kind. */
export function addDeclaredOptions(command: Command, options: readonly DeclaredOption[]): void {
  for (const option of options) {
    const heading = headings[option.kind];
    const { flag } = option;
    const declaration = option.uses[0]!.declaration;
    const make = (flags: string) => new Option(flags, optionHelp(option)).helpGroup(heading);
    if (declaration.kind !== "boolean") command.addOption(make(`${flag} <${placeholder(declaration)}>`));
    else {
      command.addOption(make(flag));
      command.addOption(new Option(flag.replace("--", "--no-")).hideHelp());
    }
  }
}

export function placeholder(parameter: Parameter): string {
  if (parameter.kind === "number") return parameter.integer ? "integer" : "number";
  return parameter.kind === "choice" ? parameter.choices.join("|") : "";
}
