/** Names of WebGPU's types, as `core/platformTypes.ts` declares those of the core: Node's types and older ones of DOM lack them. */
declare global {
  interface GPU {}
  interface GPUDevice {}
  interface GPUAdapter {}
  interface GPUAdapterInfo {}
}

export {};
