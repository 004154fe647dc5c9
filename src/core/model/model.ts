/** A model as the engine uses it: its body, its conventions, its defaults. */
import { DiffusionError } from "../error.ts";
import type { WeightSpec } from "../tensor/index.ts";
import type { Architecture, Body, TensorNames } from "./architecture.ts";
import type { ConfigReader } from "./configReader.ts";
import type { Conventions } from "./conventions.ts";
import type { Presets } from "./presets.ts";

/** The description of a checkpoint that its family makes from config.json. */
export interface FamilyModel extends Conventions {
  readonly body: Body;
  readonly names: TensorNames;
  /** Patterns of unused tensors that a checkpoint may contain. */
  readonly ignore: readonly RegExp[];
  readonly mask: {
    /** Possible texts of the mask token in the tokenizer. */
    readonly texts: readonly string[];
    /** The default if no file names a mask token: an id of an added token, or `unused` for the highest id without a text. */
    readonly token: number | "unused" | undefined;
  };
  /** Texts of end-of-turn tokens, which are stop tokens in addition to those in the configuration. */
  readonly turnEnds: readonly string[];
  /** Presets as published for the family. Presets in the model's own files take precedence. */
  readonly presets: Presets;
}

/** The facts by which families are distinguished. */
export interface Evidence {
  readonly config: ConfigReader;
  readonly generation: ConfigReader;
  /** Whether the tokenizer has an added token with this text. False before the tokenizer is loaded. */
  hasToken(text: string): boolean;
}

export interface Family {
  readonly name: string;
  /** The family's values of `architectures` in config.json. */
  readonly architectures: readonly string[];
  /** The family's values of `model_type` in config.json. */
  readonly modelTypes: readonly string[];
  /** Whether a model with one of these names belongs to this family. Needed if another family has the same name. */
  fits?(evidence: Evidence): boolean;
  /** Whether a configuration without a known name has the fields of this family. */
  shape?(evidence: Evidence): boolean;
  read(config: ConfigReader): FamilyModel;
}

/** Defaults of a generation, from generation_config.json. */
export interface GenerationDefaults {
  readonly genLength: number;
  readonly blockLength: number;
  readonly threshold: number | undefined;
}

export interface Model extends Omit<FamilyModel, "body" | "mask"> {
  readonly family: string;
  /** Tensor names in the family's own checkpoints; `names` are those of this checkpoint. */
  readonly familyNames: TensorNames;
  readonly architecture: Architecture;
  readonly weights: readonly WeightSpec[];
  readonly maskToken: number;
  readonly stopTokens: readonly number[];
  /** The padding token in config.json or generation_config.json, if any. In some families it is not a stop token. */
  readonly padToken: number | undefined;
  readonly defaults: GenerationDefaults;
}

/** The architectures and the model type in a config.json. */
export function declaredNames(config: ConfigReader): readonly string[] {
  return [...config.texts("architectures"), config.text("model_type", "")].filter((kind) => kind !== "");
}

/** Checks that a token id is within the vocabulary. */
export function requireToken(what: string, token: number, vocabulary: number): void {
  if (token >= 0 && token < vocabulary) return;
  const message = `Cannot load the model as its ${what} must be below the vocabulary of ${vocabulary}: found ${token}`;
  throw new DiffusionError("invalid-file", message);
}
