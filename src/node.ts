/** What needs a file system: Node and Deno. */
export { directory } from "./sources/directory.ts";
export { diskCache } from "./sources/diskCache.ts";
export { embeddedModel } from "./sources/embedded.ts";
