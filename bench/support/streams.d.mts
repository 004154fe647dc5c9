export interface StreamRequest {
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}
export interface Streamed {
  readonly text: string;
  readonly tokens: number;
  readonly ms: number;
}
export interface StreamOptions {
  readonly model?: string;
  readonly signal?: AbortSignal;
}
export interface StreamSums {
  readonly streams: number;
  readonly tokens: number;
  readonly errors: readonly string[];
}
export const mixedCount: number;
export function mixed(index: number): StreamRequest;
export function stream(url: string, request: StreamRequest, options?: StreamOptions): Promise<Streamed>;
export function keepStreaming(
  url: string,
  count: number,
  next: () => number | undefined,
  options?: {
    readonly answers?: Map<string, string>;
    readonly requestOf?: (index: number) => StreamRequest;
  },
): Promise<StreamSums>;
