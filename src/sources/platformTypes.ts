/** Empty declarations of platform types, as in `core/platformTypes.ts`. Node's types lack the last one. */
declare global {
  interface Blob {}
  interface File {}
  interface Response {}
  interface URL {}
  interface FileSystemDirectoryHandle {}
}

export {};
