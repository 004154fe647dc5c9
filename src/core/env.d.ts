/**
 * The globals that the core may use: browsers, Deno and Node all have them.
 * Only tsconfig.core.json reads this file. That project has neither DOM nor Node types, so any other global does not
 * compile in src/core.
 */
interface AbortSignal {
  readonly aborted: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: the platform's own type
  readonly reason: any;
  throwIfAborted(): void;
  addEventListener(type: "abort", listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}
declare var AbortSignal: { any(signals: AbortSignal[]): AbortSignal };
interface AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}
declare var AbortController: { new (): AbortController };

interface TextDecoder {
  decode(input?: Uint8Array, options?: { stream?: boolean }): string;
}
declare var TextDecoder: {
  new (label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean }): TextDecoder;
};
interface TextEncoder {
  encode(input: string): Uint8Array;
}
declare var TextEncoder: { new (): TextEncoder };

declare var performance: { now(): number };
declare function setTimeout(callback: () => void, delayMs?: number): unknown;
