export { type GgufModel, ggufFileOf, readGguf } from "./readGguf.ts";
