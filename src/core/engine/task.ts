/** One request on its way through the engine: its sequence, its place in the pool, and what it tells its caller. */
import { Sequence, type SequenceOptions, type StepOutcome } from "../diffusion/index.ts";
import { DiffusionError } from "../error.ts";
import type { Tokenizer } from "../text/index.ts";
import type { AnswerText } from "./answerText.ts";
import type { GenerateEvent, RecoveredEvent, Usage } from "./events.ts";
import type { Infilling } from "./infill.ts";
import { RetoldEvents } from "./retoldEvents.ts";

export interface Guidance {
  readonly tokens: readonly number[];
  readonly scale: number;
}

export interface TaskParts {
  readonly options: SequenceOptions;
  readonly tokenizer: Tokenizer | undefined;
  /** The answer's text as it grows; absent for infillings, and without a tokenizer. */
  readonly text: (() => AnswerText) | undefined;
  readonly infilling: Infilling | undefined;
  readonly guidance: Guidance | undefined;
  readonly signal: AbortSignal | undefined;
  /** Passes that were made for it already. */
  readonly forwards: number;
}

export class Task {
  readonly #events = new RetoldEvents();
  /** Guidance: the sequence without its prompt, and how far to move away from what it says. */
  readonly guidance: Guidance | undefined;
  readonly #parts: TaskParts;
  readonly #createdAt = performance.now();
  #sequence: Sequence;
  #text: AnswerText | undefined;
  /** 0 before the start. */
  #startedAt = 0;
  #endedAt = 0;
  #cancelled = false;
  readonly #onAbort = () => {
    const cause = this.#parts.signal?.reason;
    this.fail(
      new DiffusionError("aborted", "Cannot finish the generation as the caller aborted it", { cause }),
    );
  };

  constructor(parts: TaskParts) {
    this.#parts = parts;
    this.guidance = parts.guidance;
    [this.#sequence, this.#text] = begin(parts);
    parts.signal?.addEventListener("abort", this.#onAbort);
    if (parts.signal?.aborted) this.#onAbort();
  }

  get sequence(): Sequence {
    return this.#sequence;
  }

  /** What the caller is told, until the end. */
  events(): AsyncGenerator<GenerateEvent, void, undefined> {
    return this.#events.drain();
  }

  /** Ends the task before its next pass, without an event. */
  cancel(): void {
    this.#cancelled = true;
    this.#parts.signal?.removeEventListener("abort", this.#onAbort);
  }

  /** Whether nobody waits for more of it; its caller has been told why. */
  get abandoned(): boolean {
    return this.#cancelled || this.#events.failed;
  }

  fail(error: unknown): void {
    this.#events.fail(error);
  }

  /** Whether it has told nothing new since it started over. */
  get retelling(): boolean {
    return this.#events.retelling;
  }

  /** Goes back to its start, if it has started: what it decides is the same again, and is not told twice. */
  restart(recovered: RecoveredEvent): void {
    if (this.#startedAt === 0) return;
    [this.#sequence, this.#text] = begin(this.#parts);
    this.#events.startOver(recovered);
  }

  /** Reports the start. Returns whether there is nothing to do: a draft may leave its first blocks complete. */
  start(): boolean {
    this.#startedAt ||= performance.now();
    const { canvas, maskToken } = this.sequence.options;
    const queuedMs = this.#startedAt - this.#createdAt;
    this.#events.push({
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
    this.#events.push({ type: "step", ...step, ...texts, ms });
    const { committed, maskedCount } = this.sequence;
    this.#events.push({ type: "progress", committed, total: committed + maskedCount });
    return this.#settle();
  }

  /** Reports the blocks that are complete. Returns whether the sequence has come to its end. */
  #settle(): boolean {
    for (let block = this.sequence.settle(); block; block = this.sequence.settle()) {
      const { start, end } = block;
      const tokens = Array.from(this.sequence.tokens.subarray(start, end));
      const final = this.sequence.finished !== undefined;
      const grown = this.#text?.grow(this.sequence.answerTo(end), final);
      this.#events.push({
        type: "block",
        start,
        end,
        tokens,
        ...(grown === undefined ? {} : { text: grown }),
      });
    }
    if (this.sequence.finished) this.#finish();
    return this.sequence.finished !== undefined || this.abandoned;
  }

  get #genLength(): number {
    const { start, end } = this.sequence.options.canvas.answer;
    return end - start;
  }

  #finish(): void {
    const sequence = this.#sequence;
    const tokens = sequence.answerTo(sequence.length);
    const { infilling } = this.#parts;
    const canvas = Array.from(sequence.tokens.subarray(0, sequence.options.canvas.answer.end));
    const answer = infilling?.fill(canvas) ?? (this.#text && { text: this.#text.whole });
    this.#events.push({
      type: "done",
      reason: sequence.finished!,
      ...answer,
      tokens,
      canvas,
      usage: this.#usage(tokens),
    });
    this.#events.end();
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

/** A sequence before its first pass, and the text that it will have. */
function begin({ options, forwards, ...parts }: TaskParts): [Sequence, AnswerText | undefined] {
  const text = parts.text?.();
  const sequence = new Sequence({
    ...options,
    holdsStopString: text && ((tokens) => text.stopsIn(tokens)),
  });
  sequence.forwards = forwards;
  return [sequence, text];
}
