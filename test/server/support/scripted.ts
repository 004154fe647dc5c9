/** An engine without a model, whose events are defined by the test. Each character is a token. */
import {
  DiffusionError,
  type DoneEvent,
  decoders,
  type EngineHandle,
  type EngineInfo,
  type GenerateEvent,
  type GenerateOptions,
  type GenerateRequest,
} from "../../../src/core/index.ts";

export const scriptedInfo: EngineInfo = {
  family: "scripted",
  parameters: 0,
  vocabulary: 65536,
  context: 512,
  cachePositions: 4096,
  maskBlock: Infinity,
  maskToken: 1,
  stopTokens: [0],
  device: "none",
  hasTokenizer: true,
  hasChatTemplate: true,
  defaults: { genLength: 32, blockLength: 32, threshold: undefined },
  presets: {
    source: "none",
    settings: {
      quality: { decoder: { name: "fixed" } },
      balanced: { decoder: { name: "threshold" } },
      speed: { decoder: { name: "threshold" } },
      official: { decoder: { name: "fixed" } },
    },
  },
  decoders,
};

export interface Script {
  readonly info?: Partial<EngineInfo>;
  /** Awaited before each event except the first. */
  readonly beforeEvent?: (index: number, signal: AbortSignal | undefined) => Promise<void> | void;
  /** The events of a request; by default those of the answer "ok", or of holes filled with `x`. */
  readonly events?: (request: GenerateRequest) => readonly GenerateEvent[];
}

/** Resolves when the signal is aborted. */
export function untilAborted(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) resolve();
    signal?.addEventListener("abort", () => resolve());
  });
}

const codes = (text: string) => [...text].map((character) => character.codePointAt(0)!);
const textOf = (tokens: readonly number[]) => String.fromCodePoint(...tokens);

export function scripted({ info, beforeEvent, events = plainEvents }: Script = {}) {
  const seen: GenerateRequest[] = [];
  let open = 0;
  const handle: EngineHandle = {
    info: { ...scriptedInfo, ...info },
    async *generate(request: GenerateRequest, { signal }: GenerateOptions = {}) {
      seen.push(request);
      open++;
      try {
        for (const [index, event] of events(request).entries()) {
          if (index > 0) await beforeEvent?.(index, signal);
          if (signal?.aborted)
            throw new DiffusionError("aborted", "Cannot continue as the caller aborted the generation");
          yield event;
        }
      } finally {
        open--;
      }
    },
    tokenize: async (text) =>
      typeof text === "string" ? codes(text) : codes(text.map(({ content }) => content).join("\n")),
    detokenize: async (tokens) => textOf(tokens),
    tokenTexts: async (tokens) => tokens.map((token) => textOf([token])),
    status: async () => ({ waiting: 0, active: 0, usedPositions: 0, passes: 0, rows: 0, passMs: 0 }),
    logits: () => Promise.reject(new Error("A scripted engine has no logits")),
    plan: () => Promise.reject(new Error("A scripted engine has no Plans")),
    dispose: async () => {},
  };
  return {
    handle,
    /** The requests that the engine has received. */
    seen,
    /** Number of running generations. */
    get open() {
      return open;
    },
  };
}

/** The events of an answer that commits one character per step, from left to right. */
export function spelled(request: GenerateRequest, text: string): readonly GenerateEvent[] {
  const tokens = codes(text);
  const promptTokens = request.tokens?.length ?? 0;
  const steps = tokens.flatMap((token, step): GenerateEvent[] => [
    stepEvent(promptTokens + step, token, step),
    {
      type: "progress",
      committed: step + 1,
      total: tokens.length,
      finalizedTokens: step + 1,
      text: textOf([token]),
    },
  ]);
  const canvas = [...(request.tokens ?? []), ...tokens];
  const undecided = tokens.map((_, offset) => promptTokens + offset);
  const start = { type: "start", promptTokens, genLength: tokens.length, canvas, undecided } as const;
  return [{ ...start, maskToken: 1, queuedMs: 0 }, ...steps, doneEvent(request, tokens, { text })];
}

export function stepEvent(position: number, token: number, step: number): GenerateEvent {
  const nothing = { positions: [], tokens: [], confidences: [] };
  const block = { start: position, end: position + 1 };
  return {
    type: "step",
    step,
    window: block,
    block,
    refresh: false,
    prefill: false,
    openCount: 1,
    ms: 0,
    positions: [position],
    tokens: [token],
    confidences: [0.5],
    edits: nothing,
    texts: [textOf([token])],
  };
}

function doneEvent(
  request: GenerateRequest,
  tokens: readonly number[],
  answer: Pick<DoneEvent, "text" | "holes">,
): DoneEvent {
  const promptTokens = request.tokens?.length ?? 0;
  const usage = { promptTokens, completionTokens: tokens.length, forwards: tokens.length, prefills: 0 };
  return {
    type: "done",
    reason: "stop",
    tokens,
    canvas: [...(request.tokens ?? []), ...tokens],
    ...answer,
    usage: {
      ...usage,
      rows: 64,
      refreshes: 0,
      sharedTokens: 0,
      tokensPerForward: 1,
      queuedMs: 0,
      decodeMs: 1,
      tokensPerSecond: 1,
    },
  };
}

function plainEvents(request: GenerateRequest): readonly GenerateEvent[] {
  if (!request.infill) return spelled(request, "ok");
  let at = request.tokens?.length ?? 0;
  const holes: { start: number; end: number; tokens: number[]; text: string }[] = [];
  const texts = request.infill.map((segment) => {
    const length =
      typeof segment === "string"
        ? codes(segment).length
        : "length" in segment && typeof segment.length === "number"
          ? segment.length
          : (segment as { maximum: number }).maximum;
    const isHole = typeof segment !== "string" && !Array.isArray(segment);
    const text = typeof segment === "string" ? segment : isHole ? "x" : textOf(segment as number[]);
    if (isHole) holes.push({ start: at, end: at + length, tokens: codes("x"), text });
    at += length;
    return text;
  });
  const text = texts.join("");
  const start = {
    type: "start",
    promptTokens: 0,
    genLength: 0,
    canvas: [],
    undecided: [],
    maskToken: 1,
    queuedMs: 0,
  } as const;
  return [start, doneEvent(request, codes(text), { text, holes })];
}
