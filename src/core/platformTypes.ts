/**
 * Names of the platform's types that the core's declarations use. A TypeScript program without the types of DOM or Node
 * lacks them, and the declarations would not compile there; where the types exist, these empty interfaces add nothing.
 */
declare global {
  interface AbortSignal {}
}

export {};
