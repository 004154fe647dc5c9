/** Names of the platform's types, as `core/platformTypes.ts` declares those of the core: Node's types lack the last one. */
declare global {
  interface Blob {}
  interface File {}
  interface Response {}
  interface URL {}
  interface FileSystemDirectoryHandle {}
}

export {};
