export {
  type Checkpoint,
  openCheckpoint,
  readWeightMap,
  weightFilesOf,
  weightsFile,
  weightsIndexFile,
} from "./checkpoint.ts";
export { concurrently } from "./concurrently.ts";
export { convertWeights, toF32 } from "./convert.ts";
export { assertFileName, isFileName } from "./fileName.ts";
export { type JsonOptions, parseJson, parseJsonValue, readJson } from "./json.ts";
export { loadWeights, type WeightSink } from "./load.ts";
export type { FileLoadOptions, FileSink, FileSlice } from "./localFiles.ts";
export { openFile } from "./openFile.ts";
export { quantizedDType, type WeightDType, weightDTypes } from "./quantized.ts";
export { readExactly } from "./readExactly.ts";
export type { WeightSlice } from "./reads.ts";
export { type ResolveOptions, resolveWeights } from "./resolve.ts";
export { readSafetensorsHeader, type TensorEntry } from "./safetensors.ts";
export { sameTensor } from "./sameTensor.ts";
export type { ByteSource, DownloadNeed, DownloadOptions, DownloadProgress, ModelSource } from "./source.ts";
export { shapeInBytes, storedBlocksField, withoutStoredBlocks, withStoredBlocks } from "./storedBlocks.ts";
