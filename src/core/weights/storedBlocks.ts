/**
 * Quantized tensors in safetensors files. The format has no type for blocks, so a tensor is U8, its last dimension the bytes of a
 * row, and `quantization_config` in config.json says which tensors have which type: `{ quant_method: "unmask", tensors: { q4_k:
 * ["model.layers.0.mlp.down_proj.weight", …] } }`. Other software refuses the unknown method, and does not read bytes as numbers.
 */
import { DiffusionError, found } from "../error.ts";
import { isJsonObject, type JsonObject } from "../jsonObject.ts";
import {
  type DType,
  dtypeInfo,
  isQuantized,
  type QuantizedDType,
  quantizedDTypes,
  type Shape,
} from "../tensor/dtype.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { TensorEntry } from "./safetensors.ts";

const method = "unmask";
const field = "quantization_config";

/** The field of a config.json. @param tensors of the checkpoint; those of other types are left out */
export function storedBlocksField(
  tensors: readonly { readonly name: string; readonly dtype: DType }[],
): JsonObject {
  const named = quantizedDTypes.map((dtype) => {
    return [dtype, tensors.filter((each) => each.dtype === dtype).map(({ name }) => name)] as const;
  });
  const present = named.filter(([, names]) => names.length > 0);
  if (present.length === 0) return {};
  return { [field]: { quant_method: method, tensors: Object.fromEntries(present) } };
}

/** The shape in a safetensors file of a quantized tensor: its last dimension in bytes. */
export function shapeInBytes(shape: Shape, dtype: QuantizedDType): Shape {
  const { blockElements, blockBytes } = dtypeInfo(dtype);
  return [...shape.slice(0, -1), (shape.at(-1)! / blockElements) * blockBytes];
}

/** A configuration without the field, if it is of this kind; the description itself. */
export function withoutStoredBlocks(config: JsonObject): {
  readonly config: JsonObject;
  readonly description: unknown;
} {
  const { [field]: quantization, ...rest } = config;
  const isOwn = isJsonObject(quantization) && quantization["quant_method"] === method;
  return isOwn ? { config: rest, description: quantization["tensors"] } : { config, description: undefined };
}

/**
 * The checkpoint with the described tensors in their types.
 * @throws DiffusionError `invalid-file` if the description does not fit the tensors
 */
export function withStoredBlocks(checkpoint: Checkpoint, description: unknown): Checkpoint {
  if (description === undefined) return checkpoint;
  const fail = (why: string) =>
    new DiffusionError("invalid-file", `Cannot read the weights as '${field}' in config.json ${why}`);
  if (!isJsonObject(description)) throw fail(`must have an object 'tensors': found ${found(description)}`);
  const tensors = new Map(checkpoint.tensors);
  for (const [dtype, names] of Object.entries(description)) {
    if (!isQuantizedName(dtype) || !Array.isArray(names)) {
      throw fail(`must list tensors by types ${quantizedDTypes.join(", ")}: found ${found(dtype)}`);
    }
    for (const name of names) {
      const tensor = checkpoint.tensors.get(String(name));
      if (!tensor) throw fail(`names a tensor that does not exist: found ${found(name)}`);
      tensors.set(tensor.name, inBlocks(tensor, dtype, fail));
    }
  }
  return { ...checkpoint, tensors };
}

const isQuantizedName = (name: string): name is QuantizedDType =>
  quantizedDTypes.some((dtype) => dtype === name) && isQuantized(name as DType);

function inBlocks(
  tensor: TensorEntry,
  dtype: QuantizedDType,
  fail: (why: string) => DiffusionError,
): TensorEntry {
  const { blockElements, blockBytes } = dtypeInfo(dtype);
  const rowBytes = tensor.shape.at(-1) ?? 0;
  if (tensor.dtype !== "u8" || tensor.shape.length < 2 || rowBytes % blockBytes !== 0) {
    throw fail(
      `names '${tensor.name}' as ${dtype}, which must be U8 with rows of whole blocks of ${blockBytes} bytes: found ${tensor.dtype} of shape ${found(tensor.shape)}`,
    );
  }
  return { ...tensor, dtype, shape: [...tensor.shape.slice(0, -1), (rowBytes / blockBytes) * blockElements] };
}
