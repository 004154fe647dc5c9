/** The parts that need a file system or threads: for Node and Deno. */
export type {} from "./core/platformTypes.ts";
export type {} from "./remote/platformTypes.ts";
export {
  type EngineThread,
  type EngineThreadOptions,
  startEngineThread,
  type ThreadExit,
} from "./remote/thread.ts";
export { directory } from "./sources/directory.ts";
export { diskCache } from "./sources/diskCache.ts";
export { DiskOutput, type DiskOutputOptions } from "./sources/diskOutput.ts";
export { embeddedModel } from "./sources/embedded.ts";
export { huggingFace } from "./sources/huggingFace.ts";
export type {} from "./sources/platformTypes.ts";
