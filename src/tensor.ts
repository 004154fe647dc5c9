/**
 * For authors of backends: the trait that a backend implements, the data that crosses it (Plans and their ops, spans,
 * statistics, weights), and the parts of the core that the backends of this package are made with.
 */

export { allocate } from "./core/allocate.ts";
export { gumbel, philox, RandomStream, uniform } from "./core/decode/philox.ts";
export { bug, DiffusionError, type DiffusionErrorCode, throwIfAborted } from "./core/error.ts";
export type {} from "./core/platformTypes.ts";
export * from "./core/tensor/index.ts";
export { type ByteSource, convertWeights, readExactly, toF32 } from "./core/weights/index.ts";
export { loadWeights, type WeightSink } from "./core/weights/load.ts";
export type { FileLoadOptions, FileSink, FileSlice } from "./core/weights/localFiles.ts";
