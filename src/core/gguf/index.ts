export { hasInterleavedHeads } from "./architectures.ts";
export { type GgufLayout, type GgufMetadata, type GgufValue, ggufLayout, ggufValues } from "./header.ts";
export { ggufKeys } from "./keys.ts";
export { ggufNames } from "./names.ts";
export { preTokenizerNameOf } from "./preTokenizers.ts";
export { type GgufModel, ggufFileOf, readGguf } from "./readGguf.ts";
export { ropeDivisorsTensor } from "./ropeDivisors.ts";
