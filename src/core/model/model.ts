/** A model as the engine knows it: its body, its conventions, its defaults. */
import { DiffusionError } from "../error.ts";
import type { DType, WeightSpec } from "../tensor/index.ts";
import type { Architecture, TensorNames } from "./architecture.ts";
import type { ConfigReader } from "./configReader.ts";
import type { Presets } from "./presets.ts";

/** What a family's file says of a checkpoint, from its config.json. */
export interface FamilyModel {
  readonly architecture: Architecture;
  readonly names: TensorNames;
  /** Tensors that may be in the checkpoint although nothing reads them. */
  readonly ignore: readonly RegExp[];
  /** Width of the blocks of the block-causal mask; Infinity is bidirectional. */
  readonly maskBlock: number;
  /** Where the mask's grid has a line: at position 0, or at the prompt's end. */
  readonly origin: "zero" | "prompt";
  /** A position p is predicted by row p - shift. */
  readonly shift: 0 | 1;
  /** The mask token where neither config nor tokenizer names it. */
  readonly defaultMaskToken: number | undefined;
  /** End-of-turn tokens, as text, that stop a generation beside those that the configuration names. */
  readonly turnEnds: readonly string[];
  /** As published for the family; a model's own, where it has some, come first. */
  readonly presets: Presets;
}

export interface Family {
  readonly name: string;
  /** Whether a config.json is of this family. */
  matches(config: ConfigReader): boolean;
  /** @param tensors names in the checkpoint */
  read(config: ConfigReader, tensors: ReadonlySet<string>): FamilyModel;
}

/** What generation_config.json recommends. */
export interface GenerationDefaults {
  readonly genLength: number;
  readonly blockLength: number;
  readonly threshold: number | undefined;
}

export interface Model extends FamilyModel {
  readonly family: string;
  readonly weights: readonly WeightSpec[];
  /** What the checkpoint stores, for costs. */
  readonly dtype: DType;
  readonly maskToken: number;
  readonly stopTokens: readonly number[];
  readonly defaults: GenerationDefaults;
}

/** The architectures and model types that a config.json names, for dispatch. */
export function kinds(config: ConfigReader): readonly string[] {
  return [...config.texts("architectures"), config.text("model_type", "")].filter((kind) => kind !== "");
}

/** @throws DiffusionError `unsupported` unless the activation is silu */
export function requireSilu(config: ConfigReader, field: string): void {
  config.only(field, "silu", "swish");
}

/** Checks that a token id is one of the vocabulary. */
export function requireToken(what: string, token: number, vocabulary: number): void {
  if (token >= 0 && token < vocabulary) return;
  const message = `Cannot load the model as its ${what} must be below the vocabulary of ${vocabulary}: found ${token}`;
  throw new DiffusionError("invalid-file", message);
}
