export { compareTraces, type PositionDifference, type TraceComparison } from "./compareTraces.ts";
export {
  Engine,
  type EnginePlan,
  type LoadOptions,
  type PlanOptions,
} from "./engine.ts";
export type * from "./events.ts";
export type * from "./handle.ts";
export type { LoadProgress } from "./loadProgress.ts";
export { type LoopPlace, loopPlaces } from "./loop.ts";
export type { LogitsOptions } from "./rawLogits.ts";
export {
  type DecodingChoices,
  defaultCache,
  defaultDecoder,
  genLengthOf,
  refusedBesideHoles,
} from "./readRequest.ts";
export { maxStopTokens } from "./readValues.ts";
export {
  type Draft,
  type GenerateRequest,
  type Hole,
  type InfillSegment,
  type ModelOverrides,
  requestParameters,
} from "./request.ts";
export type { EngineSizes, SizeOptions } from "./sizes.ts";
export { readTrace, type Trace, type TraceHeader, traceHeader, traceLine } from "./trace.ts";
