/** Declares names of platform types for users without DOM types, as `core/platformTypes.ts` does for the core. */
declare global {
  interface Event {}
  interface Blob {}
  interface FileSystemDirectoryHandle {}
  interface Worker {}
  interface Request {}
  interface Response {}
  interface URL {}
}

export {};
