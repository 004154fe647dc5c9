/** A checkpoint is one safetensors file, or several shards with an index from tensor to shard. */
import { DiffusionError, found } from "../error.ts";
import { isJsonObject } from "../jsonObject.ts";
import { concurrently } from "./concurrently.ts";
import { assertFileName } from "./fileName.ts";
import { readJson } from "./json.ts";
import { openFile } from "./openFile.ts";
import { readSafetensorsHeader, type TensorEntry } from "./safetensors.ts";
import type { ByteSource, ModelSource } from "./source.ts";

export interface Checkpoint {
  /** By name. */
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  /** Bytes of all tensors, without headers. */
  readonly bytes: number;
  /** Names of the files that hold the tensors. */
  readonly files: readonly string[];
}

/** The file of a checkpoint without shards. */
export const weightsFile = "model.safetensors";
/** The index of a checkpoint with shards; `weight_map` names the shard of every tensor. */
export const weightsIndexFile = "model.safetensors.index.json";

const maxConcurrentShards = 4;
const otherFormats = /\.(bin|gguf|pt|pth|ckpt|onnx|npz|msgpack|h5|safetensors)$/;

/**
 * Reads the headers of a checkpoint: of the shards of `model.safetensors.index.json` if there is one, else of
 * `model.safetensors`. Index and shards must agree on every tensor.
 * @throws DiffusionError `not-found` if there are no weights or a shard is missing, `invalid-file`, `unsupported`,
 *   `io`, `aborted`
 */
export async function openCheckpoint(source: ModelSource, signal?: AbortSignal): Promise<Checkpoint> {
  const weightMap = await ifFound(() => readWeightMap(source, signal));
  if (weightMap) {
    const files = [...new Set(weightMap.values())];
    return checkpoint(files, await readShards(source, weightMap, signal));
  }
  try {
    const file = await openFile(source, weightsFile, signal);
    return checkpoint([weightsFile], await readSafetensorsHeader(file, signal));
  } catch (error) {
    if (error instanceof DiffusionError && error.code === "not-found")
      throw await noWeights(source, error, signal);
    throw error;
  }
}

/**
 * The names of the files that hold a model's weights. They need not exist.
 * @throws DiffusionError `invalid-file` for a damaged index, `io`, `aborted`
 */
export async function weightFilesOf(source: ModelSource, signal?: AbortSignal): Promise<readonly string[]> {
  const weightMap = await ifFound(() => readWeightMap(source, signal));
  return weightMap ? [...new Set(weightMap.values())] : [weightsFile];
}

/**
 * The index's table from tensor to shard.
 * @throws DiffusionError `not-found` without an index, `invalid-file` if it is damaged or names a file outside the source
 */
export async function readWeightMap(
  source: ModelSource,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const index = await readJson(source, weightsIndexFile, signal, { uniqueKeys: true });
  const fail = (why: string) =>
    new DiffusionError("invalid-file", `Cannot read '${weightsIndexFile}' of '${source.name}' as ${why}`);
  const weightMap = index["weight_map"];
  if (!isJsonObject(weightMap)) throw fail("it has no object 'weight_map'");
  const shardOf = new Map<string, string>();
  for (const [tensor, shard] of Object.entries(weightMap)) {
    if (typeof shard !== "string") throw fail(`the shard of ${found(tensor)} must be a file name`);
    assertFileName(shard, source.name);
    shardOf.set(tensor, shard);
  }
  if (shardOf.size === 0) throw fail("its 'weight_map' is empty");
  return shardOf;
}

async function readShards(
  source: ModelSource,
  shardOf: ReadonlyMap<string, string>,
  signal: AbortSignal | undefined,
): Promise<TensorEntry[]> {
  const names = [...new Set(shardOf.values())];
  const files = await openShards(source, names, signal);
  const headers = await concurrently(files, maxConcurrentShards, (file) =>
    readSafetensorsHeader(file, signal),
  );
  const inShard = new Map(names.map((name, i) => [name, new Set(headers[i]!.map((tensor) => tensor.name))]));
  for (const [tensor, shard] of shardOf) {
    if (!inShard.get(shard)?.has(tensor)) {
      throw disagreement(source, `tensor ${found(tensor)} is not in its shard: found ${found(shard)}`);
    }
  }
  for (const [shard, tensors] of inShard) {
    for (const tensor of tensors) {
      if (shardOf.get(tensor) !== shard) {
        throw disagreement(
          source,
          `shard ${found(shard)} has a tensor that the index does not: found ${found(tensor)}`,
        );
      }
    }
  }
  return headers.flat();
}

async function openShards(
  source: ModelSource,
  names: readonly string[],
  signal: AbortSignal | undefined,
): Promise<ByteSource[]> {
  const opened = await concurrently(names, maxConcurrentShards, (name) =>
    ifFound(() => openFile(source, name, signal)),
  );
  const files = opened.filter((file) => file !== undefined);
  if (files.length < names.length) {
    const missing = names[opened.indexOf(undefined)];
    throw new DiffusionError(
      "not-found",
      `Cannot open the weights of '${source.name}' as shard ${found(missing)} is missing: found ${files.length} of ${names.length} shards`,
    );
  }
  return files;
}

function checkpoint(files: readonly string[], entries: readonly TensorEntry[]): Checkpoint {
  return {
    files,
    tensors: new Map(entries.map((entry) => [entry.name, entry])),
    bytes: entries.reduce((sum, entry) => sum + entry.bytes, 0),
  };
}

function disagreement(source: ModelSource, why: string): DiffusionError {
  return new DiffusionError(
    "invalid-file",
    `Cannot open the weights of '${source.name}' as '${weightsIndexFile}' and the shards disagree: ${why}`,
  );
}

async function noWeights(
  source: ModelSource,
  cause: DiffusionError,
  signal: AbortSignal | undefined,
): Promise<DiffusionError> {
  const others = (await source.list(signal)).filter((name) => otherFormats.test(name));
  const names = others.slice(0, 3).map((name) => found(name));
  if (others.length > names.length) names.push(`${others.length - names.length} more`);
  const hint = others.some((name) => name.endsWith(".gguf"))
    ? " (a GGUF file is a model of its own: name it)"
    : "";
  const rest = others.length
    ? `${names.join(", ")}, which cannot be read here${hint}`
    : "no weights of another format either";
  return new DiffusionError(
    "not-found",
    `Cannot open the weights of '${source.name}' as it has neither '${weightsIndexFile}' nor '${weightsFile}': found ${rest}`,
    { cause },
  );
}

/** The result of `open`, or undefined if the file does not exist. */
async function ifFound<Result>(open: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await open();
  } catch (error) {
    if (error instanceof DiffusionError && error.code === "not-found") return undefined;
    throw error;
  }
}
