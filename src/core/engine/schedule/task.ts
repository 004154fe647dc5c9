/** One request on its way through the engine: its sequence, its place in the pool, and what it tells its caller. */
import {
  Sequence,
  type SequenceOptions,
  type StepOutcome,
  undecidedPositions,
} from "../../diffusion/index.ts";
import { DiffusionError } from "../../error.ts";
import type { Tokenizer } from "../../text/index.ts";
import type { AnswerText } from "../events/answerText.ts";
import type { GenerateEvent, RecoveredEvent, Usage } from "../events/events.ts";
import { PrefillAccounting } from "../events/prefillAccounting.ts";
import { ReplayGuard } from "../events/replayGuard.ts";
import type { Infilling } from "../request/infill.ts";
import type { Place, Schedulable } from "./schedulable.ts";
import type { AdmissionRequest } from "./schedule.ts";
import { deadlineAt, deadlineError, type Urgency } from "./urgency.ts";

export interface Guidance {
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
  readonly urgency: Urgency;
  /** Passes that were made before the sequence began, and the time that they waited for their place, ms. */
  readonly forwards: number;
  readonly queuedMs: number;
}

export class Task implements Schedulable {
  readonly exclusive = false;
  readonly #events = new ReplayGuard();
  /** Guidance: how far to move away from what the sequence without its prompt says. */
  readonly guidance: Guidance | undefined;
  readonly #parts: TaskParts;
  readonly #createdAt = performance.now();
  readonly #prompt = new PrefillAccounting();
  #sequence: Sequence;
  #text: AnswerText | undefined;
  /** 0 before the start. */
  #startedAt = 0;
  #endedAt = 0;
  /** Whether the present run of the sequence has reported its start. */
  #entered = false;
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

  /** How it waits and for how long: for the scheduler. */
  get admission(): AdmissionRequest {
    const { urgency } = this.#parts;
    return {
      positions: this.sequence.length * (this.guidance ? 2 : 1),
      priority: urgency.priority,
      arrivedAt: this.#createdAt,
      deadlineAt: deadlineAt(urgency),
    };
  }

  /** Fails as its deadline has passed. */
  expire(now: number): void {
    this.fail(deadlineError(this.#parts.urgency, now));
  }

  /** The sequence's slot, and with guidance that of the sequence without its prompt. */
  get slotLengths(): readonly number[] {
    const { length } = this.sequence;
    return this.guidance ? [length, length] : [length];
  }

  /** Writes the tokens to the slots, and starts. */
  async enter({ backend, slots }: Place): Promise<Task> {
    const contents = this.#contents();
    const positions = [...contents[0]!.keys()];
    const undecided = undecidedPositions(this.sequence.undecided, 0, this.sequence.length);
    await backend.commit(
      slots.map((slot, index) => ({ slot, positions, tokens: contents[index]!, undecided })),
    );
    this.#start();
    return this;
  }

  #contents(): readonly (readonly number[])[] {
    const { options, tokens } = this.sequence;
    const own = Array.from(tokens);
    if (!this.guidance) return [own];
    const { start } = options.canvas.answer;
    return [own, own.map((token, position) => (position < start ? options.maskToken : token))];
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

  /** Whether the task needs its slots no more: the sequence is finished, or the task is abandoned. */
  get ended(): boolean {
    return this.sequence.finished !== undefined || this.abandoned;
  }

  fail(error: unknown): void {
    this.#events.fail(error);
  }

  /** Whether it has told nothing new since it started over. */
  get replaying(): boolean {
    return this.#events.replaying;
  }

  /** Goes back to its start, if it has started: what it decides is the same again, and is not told twice. */
  restart(recovered: RecoveredEvent): void {
    if (this.#startedAt === 0) return;
    this.#entered = false;
    [this.#sequence, this.#text] = begin(this.#parts);
    this.#events.beginReplay(recovered);
  }

  /** Reports the start, unless the sequence only moved to larger slots. A draft may leave its first blocks complete. */
  #start(): void {
    if (this.#entered) return;
    this.#entered = true;
    if (this.#startedAt === 0) this.#startedAt = this.#endedAt = performance.now();
    const { canvas, maskToken } = this.sequence.options;
    const { tokens, undecided } = canvas;
    this.#events.push({
      type: "start",
      promptTokens: canvas.answer.start,
      genLength: this.#genLength,
      canvas: tokens,
      undecided: undecidedPositions(undecided, 0, tokens.length),
      maskToken,
      queuedMs: this.#queuedMs,
    });
    this.#reportBlocks();
    if (this.sequence.finished) this.#finish();
  }

  /** Takes keys and values of the prompt, up to a line of the mask's grid, as copied. */
  share(end: number): void {
    this.#prompt.recordShared({ start: this.sequence.encoded, end });
    this.sequence.share(end);
  }

  /** Reports a step, and the blocks that it completed. */
  report(outcome: StepOutcome, ms: number): void {
    this.#endedAt = performance.now();
    const { softEmbeddings: _, ...step } = outcome;
    const { tokenizer } = this.#parts;
    const texts = tokenizer && { texts: outcome.tokens.map((token) => tokenizer.tokenText(token)) };
    // Where a prompt is shared, another run of the same request makes other passes over it: these are not compared.
    const again = outcome.prefill && !this.#prompt.record(outcome.window);
    const tell = (event: GenerateEvent) => {
      if (!outcome.prefill) this.#events.push(event);
      else if (!again) this.#events.pushUncompared(event);
    };
    tell({ type: "step", ...step, ...texts, ms });
    this.#reportBlocks();
    tell(this.#progress());
    if (this.sequence.finished) this.#finish();
  }

  #progress(): GenerateEvent {
    const { committed, undecidedCount, finalizedUpTo, finished } = this.sequence;
    const text = this.#text?.grow("progress", this.sequence.answerTo(finalizedUpTo), finished !== undefined);
    const finalized = this.#text && { finalizedTokens: this.#text.tokenCount, text: text! };
    return { type: "progress", committed, total: committed + undecidedCount, ...finalized };
  }

  /** Moves the sequence on, and reports the blocks that are complete. */
  #reportBlocks(): void {
    let { length } = this.sequence;
    for (let block = this.sequence.advance(); block; block = this.sequence.advance()) {
      const { start, end } = block;
      const tokens = Array.from(this.sequence.tokens.subarray(start, end));
      const final = this.sequence.finished !== undefined;
      const grown = this.#text?.grow("block", this.sequence.answerTo(end), final);
      this.#events.push({
        type: "block",
        start,
        end,
        tokens,
        ...(grown === undefined ? {} : { text: grown }),
      });
      if (this.sequence.length === length) continue;
      this.#events.push({
        type: "extend",
        start: length,
        end: this.sequence.length,
        genLength: this.#genLength,
      });
      length = this.sequence.length;
    }
  }

  /** Time without a place, ms: before the start, and before the passes that scored a draft. */
  get #queuedMs(): number {
    return this.#parts.queuedMs + this.#startedAt - this.#createdAt;
  }

  get #genLength(): number {
    const { start, end } = this.sequence.options.canvas.answer;
    return end - start;
  }

  #finish(): void {
    const sequence = this.#sequence;
    const tokens = sequence.answerTo(sequence.length).slice(0, this.#text?.tokenCount);
    const { infilling } = this.#parts;
    const canvas = Array.from(sequence.tokens.subarray(0, sequence.options.canvas.answer.end));
    const filled = infilling?.fill(sequence);
    const answer = filled ?? (this.#text && { text: this.#text.whole });
    // Holes that are filled are all that an infilling was to decide.
    const complete = filled !== undefined && sequence.undecidedCount === 0;
    const kept = filled ? filled.holes.reduce((sum, hole) => sum + hole.tokens.length, 0) : tokens.length;
    this.#events.push({
      type: "done",
      reason: complete ? "stop" : sequence.finished!,
      ...answer,
      tokens,
      canvas,
      usage: this.#usage(kept),
    });
    this.#events.end();
  }

  #usage(completionTokens: number): Usage {
    const { forwards, refreshes, options } = this.sequence;
    const { infilling } = this.#parts;
    const { prefills, sharedTokens } = this.#prompt;
    const decodeMs = this.#endedAt - this.#startedAt;
    return {
      promptTokens: infilling?.givenTokens ?? options.canvas.answer.start,
      completionTokens,
      forwards,
      prefills,
      sharedTokens,
      refreshes,
      tokensPerForward: forwards > 0 ? completionTokens / forwards : 0,
      queuedMs: this.#queuedMs,
      decodeMs,
      tokensPerSecond: decodeMs > 0 ? (1000 * completionTokens) / decodeMs : 0,
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
