/** The bytes of a GGUF file before its data. `@huggingface/gguf` writes the metadata; this file adds the table of tensors. */
import { concatenate } from "../concatenate.ts";
import { bug } from "../error.ts";
import type { DType, Shape } from "../tensor/index.ts";
import { typeNumber } from "./tensorTypes.ts";

/** A value of metadata, with its type's number in the format. */
export interface GgufValue {
  readonly value: string | number | boolean | readonly (string | number)[];
  readonly type: number;
  /** The type of a list's elements. */
  readonly subType?: number;
}
export type GgufMetadata = readonly (readonly [key: string, value: GgufValue])[];

const types = { count: 4, integer: 5, float: 6, flag: 7, text: 8, list: 9, size: 10 } as const;

/** Makes values of metadata. */
export const ggufValues = {
  text: (value: string): GgufValue => ({ value, type: types.text }),
  /** An unsigned number of 32 bits. */
  count: (value: number): GgufValue => ({ value, type: types.count }),
  float: (value: number): GgufValue => ({ value, type: types.float }),
  flag: (value: boolean): GgufValue => ({ value, type: types.flag }),
  texts: (value: readonly string[]): GgufValue => ({ value, type: types.list, subType: types.text }),
  integers: (value: readonly number[]): GgufValue => ({ value, type: types.list, subType: types.integer }),
};

const alignment = 32;
const aligned = (bytes: number) => Math.ceil(bytes / alignment) * alignment;

export interface GgufTensorInfo {
  readonly name: string;
  /** Outermost dimension first. */
  readonly shape: Shape;
  readonly dtype: DType;
  readonly bytes: number;
}

export interface GgufLayout {
  /** The first bytes of the file. */
  readonly header: Uint8Array;
  /** The position of each tensor in the file, in the order of the tensors. */
  readonly positions: readonly number[];
  /** Bytes of the whole file. */
  readonly bytes: number;
}

/** @throws DiffusionError `internal` for a dtype that is not one of weights */
export async function ggufLayout(
  metadata: GgufMetadata,
  tensors: readonly GgufTensorInfo[],
): Promise<GgufLayout> {
  const { serializeGgufMetadata } = await import("@huggingface/gguf");
  const size = (value: number) => ({ value: BigInt(value), type: types.size });
  const typed = {
    version: { value: 3, type: types.count },
    tensor_count: size(tensors.length),
    kv_count: size(metadata.length),
    ...Object.fromEntries(metadata),
  };
  // Without padding: the table follows. The library's types name its own enums.
  const head = serializeGgufMetadata(typed as never, { alignment: 1 });
  const starts: number[] = [];
  let dataBytes = 0;
  for (const { bytes } of tensors) {
    starts.push(dataBytes);
    dataBytes += aligned(bytes);
  }
  const table = concatenate(tensors.map((tensor, index) => infoBytes(tensor, starts[index]!)));
  const header = new Uint8Array(aligned(head.length + table.length));
  header.set(head);
  header.set(table, head.length);
  return {
    header,
    positions: starts.map((start) => header.length + start),
    bytes: header.length + dataBytes,
  };
}

function infoBytes({ name, shape, dtype }: GgufTensorInfo, start: number): Uint8Array {
  const type = typeNumber(dtype);
  if (type === undefined)
    throw bug(`Cannot write '${name}' as its type must be one of weights: found ${dtype}`);
  const text = new TextEncoder().encode(name);
  const bytes = new Uint8Array(8 + text.length + 4 + 8 * shape.length + 4 + 8);
  const view = new DataView(bytes.buffer);
  let at = 0;
  const size = (value: number) => {
    view.setBigUint64(at, BigInt(value), true);
    at += 8;
  };
  const word = (value: number) => {
    view.setUint32(at, value, true);
    at += 4;
  };
  size(text.length);
  bytes.set(text, at);
  at += text.length;
  word(shape.length);
  for (const dimension of shape.toReversed()) size(dimension);
  word(type);
  size(start);
  return bytes;
}
