/** A model in a GGUF file: what the files of a checkpoint directory say, and its tensors under GGUF's own names. */
import { DiffusionError, found } from "../error.ts";
import type { JsonObject } from "../jsonObject.ts";
import { ConfigReader, type TensorNames } from "../model/index.ts";
import { type Checkpoint, type ModelSource, openFile, parseJson } from "../weights/index.ts";
import { ggufClass, hasInterleavedHeads } from "./architectures.ts";
import { type ConfigParts, configOf } from "./config.ts";
import { readGgufContainer } from "./container.ts";
import { ggufKeys } from "./keys.ts";
import { ggufNames } from "./names.ts";
import { readRopeDivisors, ropeDivisorsTensor } from "./ropeDivisors.ts";
import { tokenizerOf } from "./tokenizer.ts";

export interface GgufModel {
  /** As a config.json, and its name in errors. */
  readonly config: JsonObject;
  readonly configName: string;
  readonly generation: JsonObject | undefined;
  /** As a tokenizer.json; undefined for a file without a tokenizer. */
  readonly tokenizer: JsonObject | undefined;
  /** As a tokenizer_config.json. */
  readonly tokenizerConfig: JsonObject;
  readonly checkpoint: Checkpoint;
  readonly names: TensorNames;
}

/**
 * The GGUF file of a source without a config.json; undefined if it has none.
 * @throws DiffusionError `invalid-request` if there are several, `unsupported` for a part of a divided file
 */
export function ggufFileOf(names: ReadonlySet<string>, sourceName: string): string | undefined {
  if (names.has("config.json")) return undefined;
  const files = [...names].filter((name) => name.endsWith(".gguf"));
  const [file, ...others] = files;
  if (file === undefined) return undefined;
  if (others.length > 0) {
    const message = `Cannot open the model in '${sourceName}' as it has several GGUF files, and one must be named: found ${files.slice(0, 8).map(found).join(", ")}`;
    throw new DiffusionError("invalid-request", message);
  }
  if (/-\d{5}-of-\d{5}\.gguf$/.test(file)) {
    const message = `Cannot open the model in '${sourceName}' as divided GGUF files are not supported ("llama-gguf-split --merge" joins them): found ${found(file)}`;
    throw new DiffusionError("unsupported", message);
  }
  return file;
}

/** @throws DiffusionError `invalid-file`, `unsupported`, `not-found`, `io`, `aborted` */
export async function readGguf(source: ModelSource, file: string, signal?: AbortSignal): Promise<GgufModel> {
  const bytes = await openFile(source, file, signal);
  const { metadata, tensors } = await readGgufContainer(bytes, signal);
  const name = `the metadata of ${bytes.name}`;
  const reader = new ConfigReader(name, Object.fromEntries(metadata));
  const architecture = reader.text("general.architecture");
  const names = ggufNames(hasInterleavedHeads(architecture, bytes.name));
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const scaling = byName.get(ropeDivisorsTensor);
  // A part of the configuration, which is no weight of the model.
  byName.delete(ropeDivisorsTensor);
  const divisors = scaling && (await readRopeDivisors(scaling, signal));
  const checkpoint = {
    files: [file],
    tensors: byName,
    bytes: tensors.reduce((sum, tensor) => sum + tensor.bytes, 0),
  };
  const json = (key: string) => {
    const text = reader.text(key, "");
    return text === "" ? undefined : parseJson(new TextEncoder().encode(text), `'${key}' in ${name}`);
  };
  const { tokenizer, config: tokenizerConfig } = tokenizerOf(reader);
  return {
    config:
      json(ggufKeys.config) ?? configFromMetadata(reader, architecture, { checkpoint, divisors }, bytes.name),
    configName: name,
    generation: json(ggufKeys.generation),
    tokenizer,
    tokenizerConfig: json(ggufKeys.tokenizerConfig) ?? tokenizerConfig,
    checkpoint,
    names,
  };
}

function configFromMetadata(
  metadata: ConfigReader,
  architecture: string,
  { checkpoint: { tensors }, divisors }: Pick<GgufModel, "checkpoint"> & Pick<ConfigParts, "divisors">,
  fileName: string,
): JsonObject {
  const facts = {
    isCausal: optionalFlag(metadata, `${architecture}.attention.causal`),
    shiftsLogits: optionalFlag(metadata, "diffusion.shift_logits"),
  };
  const className = ggufClass(architecture, facts, fileName);
  return configOf({ metadata, architecture, className, tensors, divisors });
}

function optionalFlag(reader: ConfigReader, key: string): boolean | undefined {
  return reader.has(key) ? reader.flag(key) : undefined;
}
