/**
 * Command-line options derived from what decoders, cache policies, smoothing and requests declare. No
 * parameter is named here; choices.ts has the way back.
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

/** What a request may turn on: `--smoothing` does with its defaults, any of its parameters does too. */
export const optionalKinds = ["smoothing"] as const;
type OptionalKind = (typeof optionalKinds)[number];
export type OptionKind = "request" | "decoder" | "cache" | OptionalKind;

/** One option; several decoders may share it. */
export interface DeclaredOption {
  readonly kind: OptionKind;
  /** As declared, as in `refreshEvery`. */
  readonly parameter: string;
  /** As in `--refresh-every`. */
  readonly flag: string;
  /** The key that commander keeps it under. */
  readonly attribute: string;
  /** Who declares it, and how. */
  readonly uses: readonly { readonly owner: string; readonly declaration: Parameter }[];
}

/** A decoder or a cache policy, as far as options go. */
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

/** What a request may choose from on the command line. */
export interface Vocabulary {
  readonly declarations: Declarations & { readonly decoders: readonly Decoder[] };
  /** Derived from the declarations. */
  readonly options: readonly DeclaredOption[];
}

/**
 * What is built in, and decoders of the user's own.
 * @throws DiffusionError `invalid-request` for a parameter that cannot share the option of its name
 */
export function vocabularyWith(own: readonly Decoder[]): Vocabulary {
  const declarations = { ...builtIn, decoders: [...decoders, ...own] };
  return { declarations, options: declaredOptions(declarations) };
}

/** Options of the commands' own: a parameter of such a name is prefixed. */
const reserved = [
  ...[
    "model",
    "offline",
    "backend",
    "loop",
    "profile",
    "context",
    "raw",
    "system",
    "decoder",
    "cache",
    "smoothing",
    "stop",
    "json",
  ],
  ...["decoderModule", "cacheDtype", "batch", "example"],
  ...["draft", "draftShare", "trace", "force", "prompt", "input", "output", "concurrency"],
  ...["verbose", "color", "help", "version"],
];

/**
 * One option for each parameter. A name that something else has taken is prefixed by its kind.
 * @param taken names that are in use
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

/** An option takes a value or does not, whoever shares it. */
function requireOneForm(parameter: string, uses: DeclaredOption["uses"]): void {
  const odd = uses.find(
    ({ declaration }) => (declaration.kind === "boolean") !== (uses[0]!.declaration.kind === "boolean"),
  );
  if (!odd) return;
  const message = `Cannot make an option of '${parameter}' as '${uses[0]!.owner}' and '${odd.owner}' declare it as boolean and as something else`;
  throw new DiffusionError("invalid-request", message);
}

function isOptional(kind: OptionKind): kind is OptionalKind {
  return optionalKinds.some((each) => each === kind);
}

/** As in `--refresh-every`. */
export function flagOf(attribute: string): string {
  return `--${attribute.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** The options of everything that is built in. */
export const builtInOptions: readonly DeclaredOption[] = declaredOptions(builtIn);

/** The help of an option: each meaning once, with its defaults and with those that take it. */
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
  decoder: "Parameters of decoders (with their defaults):",
  cache: "Parameters of caches (with their defaults):",
  smoothing: "Parameters of smoothing (each turns it on):",
};

/** Adds the options to a command, in groups. */
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
