/**
 * Empty declarations of the platform types that the core's declarations use. Without them the declarations would not
 * compile in a TypeScript program that has neither DOM nor Node types; where the real types exist, these add nothing.
 */
declare global {
  interface AbortSignal {}
}

export {};
