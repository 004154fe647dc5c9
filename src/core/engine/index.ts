export type { LoadProgress } from "./backend/loadProgress.ts";
export type { EngineSizes, SizeOptions } from "./backend/sizes.ts";
export {
  Engine,
  type EnginePlan,
  type LoadOptions,
  type PlanOptions,
} from "./engine.ts";
export type * from "./events/events.ts";
export { type Fit, type Fits, type FitsOptions, fitsOf } from "./fits.ts";
export type * from "./handle.ts";
export type { LogitsOptions } from "./rawLogits.ts";
export {
  type DecodingConfig,
  defaultCache,
  defaultDecoder,
  fieldsExcludedByInfill,
  genLengthOf,
} from "./request/readRequest.ts";
export { maxStopTokens } from "./request/readValues.ts";
export {
  type Draft,
  type GenerateRequest,
  type Hole,
  type InfillSegment,
  type ModelOverrides,
  requestParameters,
} from "./request/request.ts";
export { type DecodeLoop, decodeLoops } from "./schedule/decodeLoop.ts";
export type { EngineStatus } from "./schedule/engineStatus.ts";
