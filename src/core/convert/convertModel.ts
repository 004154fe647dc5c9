/** Writes a model in another format, quantized or not, in constant memory. */
import { decodeUtf8 } from "../decodeUtf8.ts";
import { type ModelParts, readModelFiles } from "../engine/modelFiles.ts";
import { ggufLayout, ggufNames, hasInterleavedHeads } from "../gguf/index.ts";
import type { JsonObject } from "../jsonObject.ts";
import type { Model } from "../model/index.ts";
import { type DType, isQuantized, type QuantizedDType } from "../tensor/index.ts";
import {
  type Checkpoint,
  type ModelSource,
  readExactly,
  storedBlocksField,
  weightsFile,
} from "../weights/index.ts";
import { llamaCppArchitecture } from "./architecture.ts";
import type { FileLayout } from "./fileLayout.ts";
import { metadataOf } from "./metadata.ts";
import { ropeDivisorTensors } from "./ropeDivisors.ts";
import { safetensorsLayout } from "./safetensorsLayout.ts";
import { type OutputTensor, outputTensors } from "./tensors.ts";
import { bytesByType, type WriteOptions, writeTensors } from "./writeTensors.ts";

export const conversionFormats = ["gguf", "safetensors"] as const;
export type ConversionFormat = (typeof conversionFormats)[number];

/** Where a converted model goes. */
export interface ConversionOutput {
  /** Writes bytes of a file at a position. The parts of a file come in any order. */
  write(file: string, position: number, bytes: Uint8Array): Promise<void>;
}

export interface ConversionOptions extends WriteOptions {
  readonly to: ConversionFormat;
  /** The type of matrices; by default that of the source. Embedding and head are not narrower than q8_0. */
  readonly quantize?: QuantizedDType | undefined;
}

export interface Conversion {
  readonly family: string;
  readonly tensorCount: number;
  /** Bytes of the file with the tensors. */
  readonly bytes: number;
  readonly byType: ReadonlyMap<DType, { readonly bytes: number; readonly elements: number }>;
}

/** The name of the one file of a GGUF model. */
export const convertedGguf = "model.gguf";

/** Files beside weights and configuration, which are copied as they are. */
const copied = [
  "generation_config.json",
  "tokenizer.json",
  "tokenizer_config.json",
  "chat_template.jinja",
  "vocab.json",
  "merges.txt",
];

/**
 * GGUF: one file `model.gguf`. safetensors: `model.safetensors`, `config.json`, and the source's other files.
 * @throws DiffusionError as loading does; `unsupported` for a model that the format cannot hold; errors of the output
 */
export async function convertModel(
  source: ModelSource,
  output: ConversionOutput,
  options: ConversionOptions,
): Promise<Conversion> {
  const { to, quantize, signal } = options;
  const { model, checkpoint, parts } = await readModelFiles(source, { signal });
  const make = { model, checkpoint, parts, quantize };
  const { file, tensors, layout } =
    to === "gguf" ? await ggufFile(source, make, signal) : safetensorsFile(make);
  if (to === "safetensors") await writeFiles(source, output, parts, tensors, signal);
  await writeTensors(tensors, layout, (position, bytes) => output.write(file, position, bytes), options);
  const { family } = model;
  return { family, tensorCount: tensors.length, bytes: layout.bytes, byType: bytesByType(tensors) };
}

interface Converted {
  readonly file: string;
  readonly tensors: readonly OutputTensor[];
  readonly layout: FileLayout;
}
interface Made {
  readonly model: Model;
  readonly checkpoint: Checkpoint;
  readonly parts: ModelParts;
  readonly quantize: QuantizedDType | undefined;
}

async function ggufFile(
  source: ModelSource,
  { model, checkpoint, parts, quantize }: Made,
  signal: AbortSignal | undefined,
): Promise<Converted> {
  const architecture = llamaCppArchitecture(model);
  const names = ggufNames(hasInterleavedHeads(architecture, convertedGguf));
  const tensors = [
    ...outputTensors(model, checkpoint, names, { quantize, exactVectors: true }),
    ...ropeDivisorTensors(model.architecture),
  ];
  const template = await templateOf(source, parts, signal);
  const metadata = metadataOf({
    ...parts,
    model,
    architecture,
    quantize,
    template: template.text,
    tokenizerConfig: template.config,
  });
  return { file: convertedGguf, tensors, layout: await ggufLayout(metadata, tensors) };
}

function safetensorsFile({ model, checkpoint, quantize }: Made): Converted {
  const tensors = outputTensors(model, checkpoint, model.familyNames, { quantize, exactVectors: false });
  return { file: weightsFile, tensors, layout: safetensorsLayout(tensors) };
}

/** The text of the chat template, and a tokenizer_config.json that has it. */
async function templateOf(
  source: ModelSource,
  { files, tokenizerConfig }: ModelParts,
  signal: AbortSignal | undefined,
): Promise<{ readonly text: string | undefined; readonly config: JsonObject | undefined }> {
  const own = files.has("chat_template.jinja")
    ? await fileOf(source, "chat_template.jinja", signal)
    : undefined;
  if (own !== undefined) {
    const text = decodeUtf8(own, "chat_template.jinja");
    return { text, config: { ...tokenizerConfig, chat_template: text } };
  }
  const template = tokenizerConfig?.["chat_template"];
  return { text: typeof template === "string" ? template : undefined, config: tokenizerConfig };
}

async function writeFiles(
  source: ModelSource,
  output: ConversionOutput,
  parts: ModelParts,
  tensors: readonly OutputTensor[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const json = (value: JsonObject) => new TextEncoder().encode(`${JSON.stringify(value, undefined, 2)}\n`);
  const quantized = tensors.filter(({ dtype }) => isQuantized(dtype));
  await output.write("config.json", 0, json({ ...parts.config, ...storedBlocksField(quantized) }));
  // A GGUF file has the contents of these files in its metadata.
  if (parts.tensorNames) {
    const made = {
      "generation_config.json": parts.generation,
      "tokenizer.json": parts.tokenizer,
      "tokenizer_config.json": parts.tokenizerConfig,
    };
    for (const [name, value] of Object.entries(made)) if (value) await output.write(name, 0, json(value));
    return;
  }
  for (const name of copied) {
    if (parts.files.has(name)) await output.write(name, 0, await fileOf(source, name, signal));
  }
}

async function fileOf(
  source: ModelSource,
  name: string,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const file = await source.open(name, signal);
  return readExactly(file, 0, file.size, signal);
}
