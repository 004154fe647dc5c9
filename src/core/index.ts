/** unmask: inference of diffusion language models. */

export { type CachePolicy, cachePolicies, referencePolicies, suitsDecoder } from "./cache/index.ts";
export * from "./convert/index.ts";
export * from "./declare/index.ts";
export { type BlockView, type Commits, type Decoder, decoder, decoders } from "./decode/index.ts";
export { type FinishReason, smoothingParameters } from "./diffusion/index.ts";
export * from "./engine/index.ts";
export { DiffusionError, type DiffusionErrorCode, found, throwIfAborted } from "./error.ts";
export * from "./explain/index.ts";
export { type Conventions, type Model, type PresetName, type Presets, presetNames } from "./model/index.ts";
export type {} from "./platformTypes.ts";
export {
  type Backend,
  type BackendFactory,
  type CacheDType,
  maxCoupledRows,
  type TokenLogprobs,
} from "./tensor/index.ts";
export type { ChatMessage } from "./text/index.ts";
export * from "./trace/index.ts";
export type { ByteSource, DownloadNeed, ModelSource } from "./weights/index.ts";
export { type Quantization, quantizations } from "./weights/quantized.ts";
