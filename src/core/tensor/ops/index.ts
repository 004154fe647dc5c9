export { type CouplingsAttributes, defaultCoupledLayers, isCoupled } from "./couplings.ts";
export type { Cost, Counts } from "./op.ts";
export { CostView } from "./op.ts";
export { type NodeOf, type OpName, ops } from "./ops.ts";
export { plainRouting, type Routing } from "./route.ts";
