/** Makes a Model from a model's files: the family by config.json, then the ids and defaults from several files. */
import { DiffusionError } from "../error.ts";
import type { Tokenizer } from "../text/tokenizer.ts";
import type { Body, TensorNames } from "./architecture.ts";
import { ConfigReader } from "./configReader.ts";
import { findFamily } from "./dispatch.ts";
import { addedToken, findMaskToken } from "./maskToken.ts";
import {
  type Evidence,
  type Family,
  type FamilyModel,
  type GenerationDefaults,
  type Model,
  requireToken,
} from "./model.ts";
import { readPresets } from "./presets.ts";
import { refuseUnsupported } from "./unsupported.ts";
import { weightSpecs } from "./weights.ts";

type Fields = Readonly<Record<string, unknown>>;

export interface ModelFiles {
  /** config.json */
  readonly config: Fields;
  /** generation_config.json */
  readonly generation?: Fields | undefined;
  /** Absent for a model without a tokenizer. */
  readonly tokenizer?: Tokenizer | undefined;
  /** The name of `config` in errors, if it is not a file of its own. */
  readonly configName?: string | undefined;
  /** The checkpoint's tensor names, if they are not the family's. */
  readonly names?: TensorNames | undefined;
  /** Names of the tensors in the checkpoint. */
  readonly tensors: ReadonlySet<string>;
  /** Whether two tensors of the checkpoint are equal bit for bit. */
  same(tensor: string, other: string): Promise<boolean>;
}

/**
 * @throws DiffusionError `unsupported` if no family reads the configuration, `invalid-file` if the configuration or the
 *   tokenizer is incomplete or contradictory
 */
export async function readModel(files: ModelFiles): Promise<Model> {
  const readers = readersOf(files);
  const { config, generation } = readers;
  const { tokenizer } = files;
  const { family, read } = readFamily({
    ...readers,
    hasToken: (text) => addedToken(tokenizer, text) !== undefined,
  });
  const { body, mask, ...rest } = read;
  const ownPresets = files.generation?.["presets"];
  const stopTokens = findStopTokens(read, config, generation, files);
  for (const token of stopTokens) requireToken("end-of-sequence token", token, body.vocabulary);
  const padToken = config.token("pad_token_id") ?? generation.token("pad_token_id");
  const reserved = padToken === undefined ? stopTokens : [...stopTokens, padToken];
  const { vocabulary } = body;
  const maskToken = findMaskToken({ mask, config, generation, tokenizer, vocabulary, reserved });
  requireMaskApart(maskToken, stopTokens);
  const names = files.names ?? rest.names;
  const head = await readHead(names, files);
  const architecture = { ...body, tied: head.tied };
  return {
    ...rest,
    names,
    familyNames: rest.names,
    ignore: [...rest.ignore, ...head.ignore],
    presets: ownPresets === undefined ? rest.presets : readPresets(ownPresets, generation.name, rest.presets),
    family: family.name,
    architecture,
    weights: weightSpecs(architecture, names),
    maskToken,
    stopTokens,
    // Padding with the mask token would be decoded.
    padToken: padToken === maskToken ? undefined : padToken,
    defaults: readDefaults(generation, rest.maskBlock, body.context),
  };
}

/**
 * Refuses a model that config.json alone shows to be unsupported, before any other file is opened.
 * @throws DiffusionError as `readModel`
 */
export function requireSupported(files: ConfigFiles): void {
  readFamily({ ...readersOf(files), hasToken: () => false });
}

type ConfigFiles = Pick<ModelFiles, "config" | "configName" | "generation">;

function readersOf({ config, configName = "config.json", generation }: ConfigFiles) {
  return {
    config: new ConfigReader(configName, config),
    generation: new ConfigReader("generation_config.json", generation ?? {}),
  };
}

function readFamily(evidence: Evidence): { readonly family: Family; readonly read: FamilyModel } {
  const { config } = evidence;
  refuseUnsupported(evidence);
  const family = findFamily(evidence);
  for (const field of ["quantization_config", "quantization"]) config.only(field);
  const read = family.read(config);
  requireShapes(read.body, config);
  return { family, read };
}

/** The ids with a meaning in config.json and generation_config.json: control tokens, never text. */
export function controlTokens(files: ConfigFiles): readonly number[] {
  const { config, generation } = readersOf(files);
  return [config, generation].flatMap((reader) => [
    ...reader.tokens("mask_token_id"),
    ...reader.tokens("eos_token_id"),
  ]);
}

/** If the mask token were a stop token, the positions behind a stop would be filled with masks, and be decoded again. */
function requireMaskApart(maskToken: number, stopTokens: readonly number[]): void {
  if (!stopTokens.includes(maskToken)) return;
  const message = `Cannot load the model as its mask token must not be an end-of-sequence token: found ${maskToken} as both`;
  throw new DiffusionError("invalid-file", message);
}

/** The stop tokens of config.json, generation_config.json, tokenizer and family. The first fills a stopped sequence. */
function findStopTokens(
  { turnEnds }: FamilyModel,
  config: ConfigReader,
  generation: ConfigReader,
  { tokenizer }: ModelFiles,
): readonly number[] {
  const texts = [tokenizer?.roles.eos, ...turnEnds];
  const fromText = texts.map((text) => (text === undefined ? undefined : tokenizer?.idOf(text)));
  const ids = [...config.tokens("eos_token_id"), ...generation.tokens("eos_token_id"), ...fromText];
  const unique = [...new Set(ids.filter((id) => id !== undefined))];
  if (unique.length > 0) return unique;
  throw new DiffusionError("invalid-file", "Cannot load the model as no file names an end-of-sequence token");
}

function readDefaults(generation: ConfigReader, maskBlock: number, context: number): GenerationDefaults {
  return {
    genLength: generation.count("gen_length", Math.min(128, context)),
    blockLength: generation.count("block_length", maskBlock === Infinity ? 32 : maskBlock),
    threshold: generation.has("threshold") ? generation.positive("threshold") : undefined,
  };
}

/** Refuses invalid shapes, for all families. */
function requireShapes(body: Body, config: ConfigReader): void {
  const { heads, kvHeads, headDimension, rotaryDimension } = body;
  if (heads % kvHeads !== 0) {
    throw config.fail(
      `must have a number of heads divisible by its key heads: found ${heads} and ${kvHeads}`,
    );
  }
  if (!Number.isInteger(rotaryDimension / 2) || rotaryDimension > headDimension) {
    throw config.fail(
      `must rotate an even number of the ${headDimension} elements of a head: found ${rotaryDimension}`,
    );
  }
}

/**
 * Whether the head's weight is the embedding: the checkpoint has no head, or a head that equals the embedding bit for bit.
 * `tie_word_embeddings` in config.json is ignored, as it contradicts some published checkpoints.
 */
async function readHead({ embedding, head }: TensorNames, { tensors, same }: ModelFiles) {
  if (!tensors.has(head)) return { tied: true, ignore: [] };
  const tied = tensors.has(embedding) && (await same(embedding, head));
  const escaped = head.replaceAll(".", "\\.");
  return { tied, ignore: tied ? [new RegExp(`^${escaped}$`)] : [] };
}
