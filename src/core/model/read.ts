/** From a model's files to a Model: dispatch by config.json, then the ids and defaults that several files name. */
import { DiffusionError } from "../error.ts";
import type { Tokenizer } from "../text/tokenizer.ts";
import { ConfigReader } from "./configReader.ts";
import { llada } from "./llada.ts";
import { lladaMoe } from "./lladaMoe.ts";
import {
  type Family,
  type FamilyModel,
  type GenerationDefaults,
  kinds,
  type Model,
  requireToken,
} from "./model.ts";
import { readPresets } from "./presets.ts";
import { weightSpecs } from "./weights.ts";

/** Every supported family; the first that matches a config.json reads it. */
export const families: readonly Family[] = [llada, lladaMoe];

type Fields = Readonly<Record<string, unknown>>;

export interface ModelFiles {
  /** config.json */
  readonly config: Fields;
  /** generation_config.json */
  readonly generation?: Fields | undefined;
  /** Absent where the model comes without one. */
  readonly tokenizer?: Tokenizer | undefined;
  /** Names of the tensors in the checkpoint. */
  readonly tensors: ReadonlySet<string>;
}

/**
 * @throws DiffusionError `unsupported` if no family reads the configuration, `invalid-file` if it or the
 *   tokenizer lacks or contradicts what the model needs
 */
export function readModel(files: ModelFiles): Model {
  const config = new ConfigReader("config.json", files.config);
  const generation = new ConfigReader("generation_config.json", files.generation ?? {});
  const family = families.find((candidate) => candidate.matches(config));
  if (!family) {
    const known = families.map(({ name }) => name).join(", ");
    const named = kinds(config).join(", ") || "no architecture";
    throw new DiffusionError(
      "unsupported",
      `Cannot load the model as its family must be one of ${known}: found ${named}`,
    );
  }
  const described = family.read(config, files.tensors);
  const own = files.generation?.["presets"];
  const vocabulary = described.architecture.vocabulary;
  const maskToken = findMaskToken(described, config, generation, files);
  requireToken("mask token", maskToken, vocabulary);
  const stopTokens = findStopTokens(described, config, generation, files);
  for (const token of stopTokens) requireToken("end-of-sequence token", token, vocabulary);
  return {
    ...described,
    presets: own === undefined ? described.presets : readPresets(own, generation.name),
    family: family.name,
    weights: weightSpecs(described.architecture, described.names),
    dtype: storedType(config),
    maskToken,
    stopTokens,
    defaults: readDefaults(generation, described.architecture.context),
  };
}

/** The ids that config.json and generation_config.json give a meaning: control tokens, never text. */
export function controlTokens({
  config,
  generation,
}: Pick<ModelFiles, "config" | "generation">): readonly number[] {
  const readers = [
    new ConfigReader("config.json", config),
    new ConfigReader("generation_config.json", generation ?? {}),
  ];
  return readers.flatMap((reader) => [...reader.tokens("mask_token_id"), ...reader.tokens("eos_token_id")]);
}

/** Config and generation config first, then the tokenizer, then the family's own; two that disagree are an error. */
function findMaskToken(
  family: FamilyModel,
  config: ConfigReader,
  generation: ConfigReader,
  files: ModelFiles,
): number {
  const { tokenizer } = files;
  const text = tokenizer?.roles.mask;
  const named: [string, number | undefined][] = [
    [config.name, config.token("mask_token_id")],
    [generation.name, generation.token("mask_token_id")],
    ["tokenizer_config.json", text === undefined ? undefined : tokenizer?.idOf(text)],
  ];
  const known = named.filter((entry): entry is [string, number] => entry[1] !== undefined);
  const [first] = known;
  const other = known.find(([, id]) => id !== first?.[1]);
  if (first && other) {
    const message = `Cannot load the model as ${first[0]} and ${other[0]} disagree on the mask token: found ${first[1]} and ${other[1]}`;
    throw new DiffusionError("invalid-file", message);
  }
  const id = first?.[1] ?? family.defaultMaskToken;
  if (id === undefined) {
    throw new DiffusionError(
      "invalid-file",
      "Cannot load the model as neither config nor tokenizer names a mask token",
    );
  }
  if (tokenizer && tokenizer.tokenText(id) === "") {
    const message = `Cannot load the model as its tokenizer has no mask token: expected one with id ${id}`;
    throw new DiffusionError("invalid-file", message);
  }
  return id;
}

/** All that config, generation config, tokenizer and family name. The first one fills a stopped sequence. */
function findStopTokens(
  family: FamilyModel,
  config: ConfigReader,
  generation: ConfigReader,
  { tokenizer }: ModelFiles,
): readonly number[] {
  const texts = [tokenizer?.roles.eos, ...family.turnEnds];
  const fromText = texts.map((text) => (text === undefined ? undefined : tokenizer?.idOf(text)));
  const ids = [...config.tokens("eos_token_id"), ...generation.tokens("eos_token_id"), ...fromText];
  const unique = [...new Set(ids.filter((id) => id !== undefined))];
  if (unique.length > 0) return unique;
  throw new DiffusionError("invalid-file", "Cannot load the model as no file names an end-of-sequence token");
}

function readDefaults(generation: ConfigReader, context: number): GenerationDefaults {
  return {
    genLength: generation.count("gen_length", Math.min(128, context)),
    blockLength: generation.count("block_length", 32),
    threshold: generation.has("threshold") ? generation.positive("threshold") : undefined,
  };
}

function storedType(config: ConfigReader): "f32" | "bf16" | "f16" {
  const name = config.text("torch_dtype", config.text("dtype", "bfloat16"));
  return name === "float32" ? "f32" : name === "float16" ? "f16" : "bf16";
}
