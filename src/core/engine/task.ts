/** One request on its way through the engine: its sequence, its place in the pool, and what it tells its caller. */
import { Sequence, type SequenceOptions, type StepOutcome } from "../diffusion/index.ts";
import { DiffusionError } from "../error.ts";
import type { Tokenizer } from "../text/index.ts";
import type { AnswerText } from "./answerText.ts";
import { EventQueue } from "./eventQueue.ts";
import type { GenerateEvent, Usage } from "./events.ts";
import type { Infilling } from "./infill.ts";

export interface Guidance {
  readonly tokens: readonly number[];
  readonly scale: number;
}

export interface TaskParts {
  readonly options: SequenceOptions;
  readonly tokenizer: Tokenizer | undefined;
  /** The answer's text as it grows; absent for infillings, and without a tokenizer. */
  readonly text: AnswerText | undefined;
  readonly infilling: Infilling | undefined;
  readonly guidance: Guidance | undefined;
  readonly signal: AbortSignal | undefined;
  /** Passes that were made for it already. */
  readonly forwards: number;
}

export class Task {
  readonly sequence: Sequence;
  readonly events = new EventQueue<GenerateEvent>();
  /** Guidance: the sequence without its prompt, and how far to move away from what it says. */
  readonly guidance: Guidance | undefined;
  readonly #parts: TaskParts;
  readonly #createdAt = performance.now();
  #startedAt = 0;
  #endedAt = 0;
  #cancelled = false;
  readonly #masksAtStart: number;

  constructor(parts: TaskParts) {
    const { options, text } = parts;
    this.sequence = new Sequence({ ...options, holdsStopString: text && ((tokens) => text.stopsIn(tokens)) });
    this.sequence.forwards = parts.forwards ?? 0;
    this.#masksAtStart = this.sequence.maskedCount;
    this.guidance = parts.guidance;
    this.#parts = parts;
  }

  /** Ends the task before its next pass, without an event. */
  cancel(): void {
    this.#cancelled = true;
  }

  /** Whether nobody waits for more of it; its caller has been told why. */
  get abandoned(): boolean {
    if (this.#parts.signal?.aborted && !this.#cancelled) {
      this.#cancelled = true;
      const cause = this.#parts.signal.reason;
      this.fail(
        new DiffusionError("aborted", "Cannot finish the generation as the caller aborted it", { cause }),
      );
    }
    return this.#cancelled;
  }

  fail(error: unknown): void {
    this.events.fail(error);
  }

  /** Reports the start. Returns whether there is nothing to do: a draft may leave its first blocks complete. */
  start(): boolean {
    this.#startedAt = performance.now();
    const { canvas, maskToken } = this.sequence.options;
    const queuedMs = this.#startedAt - this.#createdAt;
    this.events.push({
      type: "start",
      promptTokens: canvas.answer.start,
      genLength: this.#genLength,
      canvas: canvas.tokens,
      maskToken,
      queuedMs,
    });
    return this.#settle();
  }

  /** Reports a step, and the blocks that it completed. Returns whether the sequence has come to its end. */
  report(outcome: StepOutcome, ms: number): boolean {
    this.#endedAt = performance.now();
    const { soften: _, ...step } = outcome;
    const { tokenizer } = this.#parts;
    const texts = tokenizer && { texts: outcome.tokens.map((token) => tokenizer.tokenText(token)) };
    this.events.push({ type: "step", ...step, ...texts, ms });
    const total = this.#masksAtStart;
    this.events.push({ type: "progress", committed: total - this.sequence.maskedCount, total });
    return this.#settle();
  }

  /** Reports the blocks that are complete. Returns whether the sequence has come to its end. */
  #settle(): boolean {
    for (let block = this.sequence.settle(); block; block = this.sequence.settle()) {
      const { start, end } = block;
      const tokens = Array.from(this.sequence.tokens.subarray(start, end));
      const final = this.sequence.finished !== undefined;
      const grown = this.#parts.text?.grow(this.sequence.answerTo(end), final);
      this.events.push({
        type: "block",
        start,
        end,
        tokens,
        ...(grown === undefined ? {} : { text: grown }),
      });
    }
    if (this.sequence.finished) this.#finish();
    return this.sequence.finished !== undefined;
  }

  get #genLength(): number {
    const { start, end } = this.sequence.options.canvas.answer;
    return end - start;
  }

  #finish(): void {
    const { sequence } = this;
    const tokens = sequence.answerTo(sequence.length);
    const { text, infilling } = this.#parts;
    const canvas = Array.from(sequence.tokens.subarray(0, sequence.options.canvas.answer.end));
    const answer = infilling?.fill(canvas) ?? (text && { text: text.whole });
    this.events.push({
      type: "done",
      reason: sequence.finished!,
      ...answer,
      tokens,
      canvas,
      usage: this.#usage(tokens),
    });
    this.events.end();
  }

  #usage(tokens: readonly number[]): Usage {
    const { forwards, prefills, refreshes, options } = this.sequence;
    const decodeMs = this.#endedAt - this.#startedAt;
    return {
      promptTokens: options.canvas.answer.start,
      completionTokens: tokens.length,
      forwards,
      prefills,
      refreshes,
      tokensPerForward: forwards > 0 ? tokens.length / forwards : 0,
      queuedMs: this.#startedAt - this.#createdAt,
      decodeMs,
      tokensPerSecond: decodeMs > 0 ? (1000 * tokens.length) / decodeMs : 0,
    };
  }
}
