/** A model as the engine knows it: its body, its conventions, its defaults. */
import { DiffusionError } from "../error.ts";
import type { WeightSpec } from "../tensor/index.ts";
import type { Architecture, Body, TensorNames } from "./architecture.ts";
import type { ConfigReader } from "./configReader.ts";
import type { Conventions } from "./conventions.ts";
import type { Presets } from "./presets.ts";

/** What a family's file says of a checkpoint, from its config.json. */
export interface FamilyModel extends Conventions {
  readonly body: Body;
  readonly names: TensorNames;
  /** Tensors that may be in the checkpoint although nothing reads them. */
  readonly ignore: readonly RegExp[];
  readonly mask: {
    /** How the mask token may be written among the tokenizer's. */
    readonly texts: readonly string[];
    /** Where no file names it: its id, if that is an added token, or `unused` for the highest id without a token. */
    readonly token: number | "unused" | undefined;
  };
  /** End-of-turn tokens, as text, that stop a generation beside those that the configuration names. */
  readonly turnEnds: readonly string[];
  /** As published for the family; a model's own, where it has some, come first. */
  readonly presets: Presets;
}

/** What tells families apart. */
export interface Evidence {
  readonly config: ConfigReader;
  readonly generation: ConfigReader;
  /** Whether the tokenizer has an added token of this text; never, before there is a tokenizer. */
  hasToken(text: string): boolean;
}

export interface Family {
  readonly name: string;
  /** What its config.json names under `architectures`. */
  readonly architectures: readonly string[];
  /** And as `model_type`. */
  readonly modelTypes: readonly string[];
  /** Whether a model of one of these names is of this family, where others share the name. */
  fits?(evidence: Evidence): boolean;
  /** Whether a configuration that names neither has the shape of this family. */
  shape?(evidence: Evidence): boolean;
  read(config: ConfigReader): FamilyModel;
}

/** What generation_config.json recommends. */
export interface GenerationDefaults {
  readonly genLength: number;
  readonly blockLength: number;
  readonly threshold: number | undefined;
}

export interface Model extends Omit<FamilyModel, "body" | "mask"> {
  readonly family: string;
  readonly architecture: Architecture;
  readonly weights: readonly WeightSpec[];
  readonly maskToken: number;
  readonly stopTokens: readonly number[];
  /** What fills batches, where config.json or generation_config.json names it: in some families no stop token. */
  readonly padToken: number | undefined;
  readonly defaults: GenerationDefaults;
}

/** The architectures and the model type that a config.json names. */
export function kinds(config: ConfigReader): readonly string[] {
  return [...config.texts("architectures"), config.text("model_type", "")].filter((kind) => kind !== "");
}

/** Checks that a token id is one of the vocabulary. */
export function requireToken(what: string, token: number, vocabulary: number): void {
  if (token >= 0 && token < vocabulary) return;
  const message = `Cannot load the model as its ${what} must be below the vocabulary of ${vocabulary}: found ${token}`;
  throw new DiffusionError("invalid-file", message);
}
