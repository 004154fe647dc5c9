/** One request on its way through the engine: its sequence, and the events that its caller reads. */
import {
  type Range,
  Sequence,
  type SequenceOptions,
  type StepOutcome,
  undecidedPositions,
} from "../../diffusion/index.ts";
import { DiffusionError } from "../../error.ts";
import type { Tokenizer } from "../../text/index.ts";
import type { AnswerText } from "../events/answerText.ts";
import type { GenerateEvent, LostEvent, RecoveredEvent, Usage } from "../events/events.ts";
import { PrefillAccounting } from "../events/prefillAccounting.ts";
import { type MakeEvent, noDecisions, ReplayGuard, stepDecisions } from "../events/replayGuard.ts";
import { stepEvent } from "../events/stepEvent.ts";
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
  /** Makes the answer's text, empty at first; absent for infillings, and without a tokenizer. */
  readonly text: (() => AnswerText) | undefined;
  /** Whether stop strings may end the answer. */
  readonly hasStopStrings: boolean;
  readonly infilling: Infilling | undefined;
  readonly guidance: Guidance | undefined;
  readonly signal: AbortSignal | undefined;
  readonly urgency: Urgency;
  /** Passes made before the sequence began, and the time that they waited for their place, ms. */
  readonly forwards: number;
  readonly queuedMs: number;
}

export class Task implements Schedulable<Task> {
  readonly exclusive = false;
  readonly #events = new ReplayGuard();
  /** Classifier-free guidance by a second sequence without the prompt. */
  readonly guidance: Guidance | undefined;
  readonly #parts: TaskParts;
  readonly #createdAt = performance.now();
  readonly #prompt = new PrefillAccounting();
  #sequence: Sequence;
  /** The answer's text: it grows as events are taken, by the tokens that were final when the event was reported. */
  readonly #text: AnswerText | undefined;
  /** Tokens of the answer that reported events add to the text, and the position before which these are all. */
  #textTokens = 0;
  #textEnd = 0;
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
    this.#sequence = begin(parts);
    this.#text = parts.text?.();
    parts.signal?.addEventListener("abort", this.#onAbort);
    if (parts.signal?.aborted) this.#onAbort();
  }

  /** The size, priority and deadline that the scheduler admits the request by. */
  get admission(): AdmissionRequest {
    const { urgency } = this.#parts;
    return {
      positions: this.sequence.slotLength * (this.guidance ? 2 : 1),
      priority: urgency.priority,
      arrivedAt: this.#createdAt,
      deadlineAt: deadlineAt(urgency),
    };
  }

  /** Fails the request as its deadline has passed. */
  expire(now: number): void {
    this.fail(deadlineError(this.#parts.urgency, now));
  }

  /** The sequence's slot, and with guidance that of the sequence without its prompt. */
  get slotLengths(): readonly number[] {
    const { slotLength } = this.sequence;
    return this.guidance ? [slotLength, slotLength] : [slotLength];
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

  /**
   * The tokens of each slot: those of the sequence, and with guidance those of the sequence without its prompt. Behind them is room for
   * a shadow or branches, filled with masks.
   */
  #contents(): readonly (readonly number[])[] {
    const { options, tokens } = this.sequence;
    const masks = new Array<number>(this.sequence.slotLength - tokens.length).fill(options.maskToken);
    const own = [...tokens, ...masks];
    return this.slotLengths.map((_, slot) => this.slotTokens(slot, own, 0));
  }

  /** Tokens from position `start` on as one of the slots has them: the second one has masks in place of the prompt. */
  slotTokens(slot: number, tokens: readonly number[], start: number): readonly number[] {
    if (slot === 0) return tokens;
    const { canvas, maskToken } = this.sequence.options;
    return tokens.map((token, index) => (start + index < canvas.answer.start ? maskToken : token));
  }

  get sequence(): Sequence {
    return this.#sequence;
  }

  /** The next event, if it has been reported. */
  takeEvent(): GenerateEvent | undefined {
    return this.#events.take();
  }

  /** The events of the request, each made when the caller takes it. */
  events(): AsyncGenerator<GenerateEvent, void, undefined> {
    return this.#events.drain();
  }

  /** Ends the request before its next pass, without an event. */
  cancel(): void {
    this.#cancelled = true;
    this.#parts.signal?.removeEventListener("abort", this.#onAbort);
  }

  /** Whether the request was cancelled or has failed: no event of it will be read any more. */
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

  /** Whether it has reported nothing new since it started over. */
  get replaying(): boolean {
    return this.#events.replaying;
  }

  /** Reports the loss, if the request has started. */
  lose(lost: LostEvent): void {
    if (this.#startedAt > 0) this.#events.pushAside(lost);
  }

  /** Starts over, if the request has started. The same decisions follow, and their events are not emitted twice. */
  restart(recovered: RecoveredEvent): void {
    if (this.#startedAt === 0) return;
    this.#entered = false;
    this.#sequence = begin(this.#parts);
    this.#events.beginReplay(recovered);
  }

  /** Reports the start, unless the sequence only moved to larger slots. A draft may leave its first blocks complete. */
  #start(): void {
    if (this.#entered) return;
    this.#entered = true;
    if (this.#startedAt === 0) this.#startedAt = this.#endedAt = performance.now();
    const { canvas, maskToken } = this.sequence.options;
    const genLength = this.#genLength;
    const queuedMs = this.#queuedMs;
    this.#events.push("start", noDecisions, () => ({
      type: "start",
      promptTokens: canvas.answer.start,
      genLength,
      canvas: canvas.tokens,
      undecided: undecidedPositions(canvas.undecided, 0, canvas.tokens.length),
      maskToken,
      queuedMs,
    }));
    this.#reportBlocks();
    if (this.sequence.finished) this.#finish();
  }

  /** Counts the prompt's keys and values before `end`, the end of a mask block, as copied. */
  adoptPrefix(end: number): void {
    this.#prompt.recordShared({ start: this.sequence.encoded, end });
    this.sequence.adoptPrefix(end);
  }

  /** Reports a step and the blocks that it completed. */
  report(outcome: StepOutcome, ms: number): void {
    this.#endedAt = performance.now();
    const { prefill } = outcome;
    // Passes over a shared prompt differ between runs of the same request: each is reported once and not compared.
    const isRepeated = prefill && !this.#prompt.record(outcome.window);
    if (!prefill) this.#events.push("step", stepDecisions(outcome), this.#stepEvent(outcome, ms));
    else if (!isRepeated) this.#events.pushUncompared(this.#stepEvent(outcome, ms));
    this.#reportBlocks();
    if (!prefill) this.#events.push("progress", noDecisions, this.#progressEvent());
    else if (!isRepeated) this.#events.pushUncompared(this.#progressEvent());
    if (this.sequence.finished) this.#finish();
  }

  #stepEvent(outcome: StepOutcome, ms: number): MakeEvent {
    const { tokenizer } = this.#parts;
    return () => stepEvent(outcome, ms, tokenizer);
  }

  #progressEvent(): MakeEvent {
    const { committed, undecidedCount } = this.sequence;
    const total = committed + undecidedCount;
    const answer = this.#text;
    if (!answer) return () => ({ type: "progress", committed, total });
    const grown = this.#growText(answer, "progress", this.sequence.finalizedUpTo);
    return () => {
      const text = grown();
      return { type: "progress", committed, total, finalizedTokens: answer.tokenCount, text };
    };
  }

  /** Moves the sequence on from complete blocks, and reports these. */
  #reportBlocks(): void {
    let { length } = this.sequence;
    for (let block = this.sequence.advance(); block; block = this.sequence.advance()) {
      this.#events.push("block", noDecisions, this.#blockEvent(block));
      if (this.sequence.length === length) continue;
      const extension = { start: length, end: this.sequence.length, genLength: this.#genLength };
      const range = [extension.start, extension.end];
      this.#events.push("extend", [range], () => ({ type: "extend", ...extension }));
      length = this.sequence.length;
    }
  }

  #blockEvent({ start, end }: Range): MakeEvent {
    const tokens = Array.from(this.sequence.tokens.subarray(start, end));
    const grown = this.#text && this.#growText(this.#text, "block", end);
    return () => ({ type: "block", start, end, tokens, ...(grown && { text: grown() }) });
  }

  /**
   * Collects the answer's tokens before `end`, which are final, for the text. The returned function adds them when the event
   * is made, and returns the text that this kind of event has not reported yet.
   */
  #growText(text: AnswerText, listener: "block" | "progress", end: number): () => string {
    const added = end > this.#textEnd ? this.sequence.answerTo(end).slice(this.#textTokens) : [];
    this.#textEnd = Math.max(this.#textEnd, end);
    this.#textTokens += added.length;
    const isLast = this.sequence.finished !== undefined;
    return () => {
      text.add(added);
      if (isLast) text.end();
      return text.takeUnreported(listener);
    };
  }

  /** Time in the queue, ms: before the start, and before the passes that scored a draft. */
  get #queuedMs(): number {
    return this.#parts.queuedMs + this.#startedAt - this.#createdAt;
  }

  get #genLength(): number {
    const { start, end } = this.sequence.options.canvas.answer;
    return end - start;
  }

  #finish(): void {
    const sequence = this.#sequence;
    // The sequence does not change any more; its event is made when all before it have grown the text.
    this.#events.push("done", noDecisions, () => this.#doneEvent(sequence));
    this.#events.end();
  }

  #doneEvent(sequence: Sequence): GenerateEvent {
    const { infilling } = this.#parts;
    const tokens = sequence.answerTo(sequence.length).slice(0, this.#text?.tokenCount);
    const canvas = Array.from(sequence.tokens.subarray(0, sequence.options.canvas.answer.end));
    const filled = infilling?.fill(sequence);
    const answer = filled ?? (this.#text && { text: this.#text.whole });
    // An infilling is complete once its holes are filled.
    const isFilled = filled !== undefined && sequence.undecidedCount === 0;
    const completionTokens = filled
      ? filled.holes.reduce((sum, hole) => sum + hole.tokens.length, 0)
      : tokens.length;
    return {
      type: "done",
      reason: isFilled ? "stop" : sequence.finished!,
      ...answer,
      tokens,
      canvas,
      usage: this.#usage(sequence, completionTokens),
    };
  }

  #usage({ forwards, rows, refreshes, options }: Sequence, completionTokens: number): Usage {
    const { infilling } = this.#parts;
    const { prefills, sharedTokens } = this.#prompt;
    const decodeMs = this.#endedAt - this.#startedAt;
    return {
      promptTokens: infilling?.givenTokens ?? options.canvas.answer.start,
      completionTokens,
      forwards,
      // The passes that scored a draft computed its canvas.
      rows: rows * this.slotLengths.length + this.#parts.forwards * this.#parts.options.canvas.tokens.length,
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

/** The sequence before its first pass. */
function begin({ options, forwards, text, hasStopStrings }: TaskParts): Sequence {
  const holdsStopString = hasStopStrings && text ? stopStringCheck(text()) : undefined;
  const sequence = new Sequence({ ...options, holdsStopString });
  sequence.forwards = forwards;
  return sequence;
}

/** Whether the answer's tokens so far contain a stop string; each call continues with the tokens that the last one had not. */
function stopStringCheck(text: AnswerText): (tokens: readonly number[]) => boolean {
  let checked = 0;
  return (tokens) => {
    text.add(tokens.slice(checked));
    checked = Math.max(checked, tokens.length);
    return text.stopped;
  };
}
