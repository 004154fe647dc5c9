export { compareTraces, type PositionDifference, type TraceComparison } from "./compareTraces.ts";
export { readTrace } from "./readTrace.ts";
export { stopTokensOf } from "./stopTokensOf.ts";
export { type TokenTexts, type Trace, type TraceHeader, traceHeader } from "./trace.ts";
export { type NameTokens, TraceWriter, traceLine } from "./traceWriter.ts";
