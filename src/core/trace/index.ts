export { compareTraces, type PositionDifference, type TraceComparison } from "./compareTraces.ts";
export { readTrace, type Trace, type TraceHeader, traceHeader, traceLine } from "./trace.ts";
