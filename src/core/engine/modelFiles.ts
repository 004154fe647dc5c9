/** Reads a model's files from a source, except the weights themselves. */
import { decodeUtf8 } from "../decodeUtf8.ts";
import { DiffusionError, found } from "../error.ts";
import { ggufFileOf, readGguf } from "../gguf/index.ts";
import type { JsonObject } from "../jsonObject.ts";
import { controlTokens, type Model, readModel, requireSupported, type TensorNames } from "../model/index.ts";
import type { WeightEntry } from "../tensor/index.ts";
import { ChatTemplate, fromBytePairFiles, hasBytePairFiles, Tokenizer } from "../text/index.ts";
import {
  type Checkpoint,
  type JsonOptions,
  type ModelSource,
  openCheckpoint,
  openFile,
  type Quantization,
  quantizations,
  readExactly,
  readJson,
  resolveWeights,
  sameTensor,
  withoutStoredBlocks,
  withStoredBlocks,
} from "../weights/index.ts";
import type { TextTools } from "./request/prompt.ts";

export interface LoadedFiles {
  readonly parts: ModelParts;
  readonly model: Model;
  readonly text: TextTools | undefined;
  readonly checkpoint: Checkpoint;
  readonly weights: readonly WeightEntry[];
}

export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
  /**
   * Reads only the headers of the weight files. It is then unknown whether a stored head equals the embedding, so a stored head
   * counts as different.
   */
  readonly headersOnly?: boolean;
  /** As `SizeOptions.quantize`. */
  readonly quantize?: Quantization | undefined;
}

/**
 * @throws DiffusionError if a file is missing, damaged or inconsistent with the others; `invalid-request`, `unsupported` if
 *   the weights cannot have the type `quantize`
 */
export async function readModelFiles(
  source: ModelSource,
  { signal, headersOnly = false, quantize = "none" }: ReadOptions = {},
): Promise<LoadedFiles> {
  if (!quantizations.includes(quantize)) {
    const message = `Cannot load the model as 'quantize' must be one of ${quantizations.join(", ")}: found ${found(quantize)}`;
    throw new DiffusionError("invalid-request", message);
  }
  const parts = await readParts(source, signal);
  const { config, configName, generation, tokenizerConfig, checkpoint } = parts;
  const controlIds = controlTokens(parts);
  const tokenizer =
    parts.tokenizer &&
    Tokenizer.fromFiles({
      tokenizer: parts.tokenizer,
      config: tokenizerConfig,
      controlIds,
      ...(configName !== undefined && { name: configName }),
    });
  const tensors = new Set(checkpoint.tensors.keys());
  const same = async (a: string, b: string) => !headersOnly && sameTensor(checkpoint, a, b, signal);
  const names = parts.tensorNames;
  const model = await readModel({ config, configName, generation, tokenizer, tensors, names, same });
  const weights = resolveWeights(model.weights, checkpoint, { ignore: model.ignore, quantize });
  if (!tokenizer) return { parts, model, text: undefined, checkpoint, weights };
  const templates = await readTemplate(source, { names: parts.files, config: tokenizerConfig, signal });
  return { parts, model, text: { tokenizer, ...templates }, checkpoint, weights };
}

/** What the files of a model say, whatever their format. */
export interface ModelParts {
  /** The names of all files. */
  readonly files: ReadonlySet<string>;
  readonly config: JsonObject;
  readonly configName?: string;
  readonly generation: JsonObject | undefined;
  /** As a tokenizer.json. */
  readonly tokenizer: JsonObject | undefined;
  /** As a tokenizer_config.json. */
  readonly tokenizerConfig: JsonObject | undefined;
  readonly checkpoint: Checkpoint;
  /** If they are not those of the model's family. */
  readonly tensorNames?: TensorNames;
}

async function readParts(source: ModelSource, signal: AbortSignal | undefined): Promise<ModelParts> {
  const files = new Set(await source.list(signal));
  const gguf = ggufFileOf(files, source.name);
  if (gguf !== undefined) {
    const { names: tensorNames, ...parts } = await readGguf(source, gguf, signal);
    requireSupported(parts);
    return { ...parts, files, tensorNames };
  }
  const optional = async (name: string, options?: JsonOptions) =>
    files.has(name) ? readJson(source, name, signal, options) : undefined;
  const stored = await readJson(source, "config.json", signal, { nonFinite: true });
  const { config, description } = withoutStoredBlocks(stored);
  const generation = await optional("generation_config.json", { nonFinite: true });
  requireSupported({ config, generation });
  const tokenizerConfig = await optional("tokenizer_config.json");
  const tokenizer = hasBytePairFiles(files, tokenizerConfig)
    ? fromBytePairFiles(
        await readJson(source, "vocab.json", signal),
        await readText(source, "merges.txt", signal),
        tokenizerConfig ?? {},
      )
    : await optional("tokenizer.json");
  const checkpoint = withStoredBlocks(await openCheckpoint(source, signal), description);
  return { files, config, generation, tokenizer, tokenizerConfig, checkpoint };
}

/** Reads the chat template. An unusable template is not an error: the model loads, and only requests with `messages` fail. */
async function readTemplate(
  source: ModelSource,
  context: {
    readonly names: ReadonlySet<string>;
    readonly config: unknown;
    readonly signal: AbortSignal | undefined;
  },
): Promise<Pick<TextTools, "template" | "templateProblem">> {
  const { names, config, signal } = context;
  const file = "chat_template.jinja";
  const bytes = names.has(file) ? await readBytes(source, file, signal) : undefined;
  try {
    const jinja = bytes && decodeUtf8(bytes.content, bytes.name);
    return { template: ChatTemplate.fromFiles({ config, ...(jinja === undefined ? {} : { jinja }) }) };
  } catch (error) {
    const unusable = error instanceof DiffusionError && ["text", "invalid-file"].includes(error.code);
    if (!unusable) throw error;
    return { template: undefined, templateProblem: error };
  }
}

async function readText(source: ModelSource, name: string, signal?: AbortSignal): Promise<string> {
  const file = await readBytes(source, name, signal);
  return decodeUtf8(file.content, file.name);
}

async function readBytes(source: ModelSource, name: string, signal?: AbortSignal) {
  const file = await openFile(source, name, signal);
  return { name: file.name, content: await readExactly(file, 0, file.size, signal) };
}
