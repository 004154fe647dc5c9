/** Names of the platform's types, as `core/platformTypes.ts` declares those of the core. */
declare global {
  interface Event {}
}

export {};
