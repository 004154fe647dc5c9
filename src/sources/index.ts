/** The sources for every runtime. The sources that need a file system are exported by src/node.ts. */
export type {} from "../core/platformTypes.ts";
export { blobs } from "./blobs.ts";
export { directoryHandle, opfs } from "./directoryHandle.ts";
export { type HubOptions, hub } from "./hub.ts";
export type { HubSnapshots, SnapshotFile } from "./hubSnapshots.ts";
export { deleteKept, type KeptModel, keptModels } from "./keptModels.ts";
export { memory } from "./memory.ts";
export { oneFile } from "./oneFile.ts";
export { type OpfsCacheOptions, opfsCache } from "./opfsCache.ts";
export type {} from "./platformTypes.ts";
export type { GrowingFile, Store, StoredFile, StoreEntry } from "./store.ts";
export { type UrlModelOptions, url } from "./url.ts";
