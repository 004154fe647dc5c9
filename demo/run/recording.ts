/**
 * A run, recorded from the events of a generation. It grows while the events arrive, and any of its frames can be asked for at any
 * time: what is kept is the history of each position, from which a frame is put together.
 */
import type { DoneEvent, GenerateEvent, StartEvent, StepEvent, TokenTexts } from "../../src/core/index.ts";
import { cellOf } from "./cellOf.ts";
import type { Cell, Frame, Pass, Range } from "./frame.ts";
import { type GuessAt, lastBy, type PositionRecord, standing, type Write } from "./positionRecord.ts";

export interface RecordingOptions {
  /** Tokens that end or pad an answer: `EngineInfo.stopTokens`. */
  readonly stopTokens?: readonly number[];
}

/** What stands for a token of unknown text. */
const unknownText = "▪";

export class Recording {
  readonly #positions: PositionRecord[] = [];
  readonly #passes: Pass[] = [];
  readonly #events: GenerateEvent[] = [];
  readonly #texts = new Map<number, string>();
  readonly #unnamed = new Set<number>();
  readonly #stopTokens: Set<number>;
  #start: StartEvent | undefined;
  #done: DoneEvent | undefined;
  #latest: Frame | undefined;

  constructor({ stopTokens = [] }: RecordingOptions = {}) {
    this.#stopTokens = new Set(stopTokens);
  }

  /** A recording with the same texts and stop tokens, before its first event. */
  empty(): Recording {
    const recording = new Recording({ stopTokens: [...this.#stopTokens] });
    for (const [token, text] of this.#texts) recording.#texts.set(token, text);
    return recording;
  }

  /** All events so far: with a header they make a trace. */
  get events(): readonly GenerateEvent[] {
    return this.#events;
  }

  /** Takes the next event. */
  add(event: GenerateEvent): void {
    this.#events.push(event);
    this.#latest = undefined;
    switch (event.type) {
      case "start":
        this.#begin(event);
        break;
      case "step":
        this.#step(event);
        break;
      case "block":
        this.#fill(event.start, event.tokens);
        break;
      case "extend":
        this.#extend(event);
        break;
      case "done":
        this.#done = event;
        this.#fill(0, event.canvas);
        break;
    }
  }

  /** Frames so far; 0 before the start event. */
  get frameCount(): number {
    return this.#start ? this.#passes.length + 1 : 0;
  }

  /** Positions so far. */
  get length(): number {
    return this.#positions.length;
  }

  /** Positions before this one belong to the prompt. */
  get promptEnd(): number {
    return this.#start?.promptTokens ?? 0;
  }

  /** `passes[i]` leads to frame i + 1. */
  get passes(): readonly Pass[] {
    return this.#passes;
  }

  get start(): StartEvent | undefined {
    return this.#start;
  }

  /** The end of the run; undefined while it goes on. */
  get done(): DoneEvent | undefined {
    return this.#done;
  }

  isStopToken(token: number): boolean {
    return this.#stopTokens.has(token);
  }

  /** What was written to a position, in order. */
  writesAt(position: number): readonly Write[] {
    return this.#at(position).writes;
  }

  /** The guesses under a position's mask, in order. */
  guessesAt(position: number): readonly GuessAt[] {
    return this.#at(position).guesses;
  }

  /** The token that a position holds in a frame, if one was written until then. */
  writeAt(position: number, frame: number): Write | undefined {
    return standing(lastBy(this.#at(position).writes, frame));
  }

  /** The first frame that has the position: an answer that goes on has more of them later. */
  firstFrameOf(position: number): number {
    return this.#at(position).since;
  }

  /** Whether the position was there to be decided; the others are given. */
  isUndecidedAtStart(position: number): boolean {
    return this.#at(position).isUndecided;
  }

  /** Tokens whose text no event had, ascending: a page asks the engine for them with `tokenTexts`. */
  get unnamedTokens(): readonly number[] {
    return [...this.#unnamed].sort((a, b) => a - b);
  }

  #meet(token: number): void {
    if (!this.#texts.has(token)) this.#unnamed.add(token);
  }

  /** Tells the texts of tokens, in their order. */
  nameTokens(tokens: readonly number[], texts: readonly string[]): void {
    this.#latest = undefined;
    for (const [index, token] of tokens.entries()) {
      const text = texts[index];
      if (text === undefined) continue;
      this.#texts.set(token, text);
      this.#unnamed.delete(token);
    }
  }

  /** The texts of tokens, as far as they are known. */
  get texts(): TokenTexts {
    return this.#texts;
  }

  textOf(token: number): string {
    return this.#texts.get(token) ?? unknownText;
  }

  /** A frame by its index, from 0 to `frameCount - 1`. */
  frame(index: number): Frame {
    if (!(Number.isInteger(index) && index >= 0 && index < this.frameCount)) {
      throw new RangeError(
        `Cannot show a frame as its index must be below ${this.frameCount}: found ${index}`,
      );
    }
    if (this.#latest?.index === index) return this.#latest;
    const pass = this.#passes[index - 1];
    const cells: Cell[] = [];
    for (const [position, record] of this.#positions.entries()) {
      if (record.since > index) break;
      cells.push(cellOf(position, record, { frame: index, pass, names: this }));
    }
    this.#latest = { index, pass, cells };
    return this.#latest;
  }

  #begin(event: StartEvent): void {
    this.#start = event;
    const undecided = new Set(event.undecided);
    const end = event.promptTokens + event.genLength;
    for (const [position, token] of event.canvas.slice(0, end).entries())
      this.#append(token, undecided.has(position));
  }

  #append(startToken: number, isUndecided: boolean): void {
    if (!isUndecided) this.#meet(startToken);
    const since = Math.max(0, this.frameCount - 1);
    this.#positions.push({ since, isUndecided, startToken, writes: [], guesses: [] });
  }

  #step(event: StepEvent): void {
    const { step, window, block, refresh, prefill, positions, edits, ms } = event;
    this.#passes.push({
      step,
      window,
      block,
      isRefresh: refresh,
      isPrefill: prefill,
      commitCount: positions.length,
      editCount: edits.positions.length,
      ms,
    });
    if (event.texts) this.nameTokens(event.tokens, event.texts);
    this.#write("commit", event);
    this.#write("edit", edits);
    for (const position of event.revoked ?? []) this.#revoke(position);
    for (const [index, position] of (event.guesses?.positions ?? []).entries()) {
      const { tokens, confidences } = event.guesses!;
      if (position < this.length) this.#meet(tokens[index]!);
      const guess = { frame: this.#passes.length, token: tokens[index]!, confidence: confidences[index]! };
      this.#positions[position]?.guesses.push(guess);
    }
  }

  #write(kind: "commit" | "edit", { positions, tokens, confidences, logprobs }: StepEvent["edits"]): void {
    for (const [index, position] of positions.entries()) {
      // The last block can be longer than the answer: positions behind the answer are not shown.
      if (position < this.length) this.#meet(tokens[index]!);
      this.#positions[position]?.writes.push({
        frame: this.#passes.length,
        kind,
        token: tokens[index]!,
        confidence: confidences[index],
        logprobs: logprobs?.[index],
      });
    }
  }

  #revoke(position: number): void {
    const record = this.#positions[position];
    const frame = this.#passes.length;
    const token = this.#start!.maskToken;
    record?.writes.push({ frame, kind: "revoke", token, confidence: undefined, logprobs: undefined });
  }

  /** Takes tokens that stand in place of masks without a decision. */
  #fill(start: number, tokens: readonly number[]): void {
    const frame = this.#passes.length;
    for (const [index, token] of tokens.entries()) {
      const record = this.#positions[start + index];
      if (!record?.isUndecided) continue;
      const last = record.writes.at(-1);
      if ((last?.token ?? record.startToken) === token) continue;
      this.#meet(token);
      record.writes.push({ frame, kind: "fill", token, confidence: undefined, logprobs: undefined });
    }
  }

  #extend({ start, end }: Range): void {
    const maskToken = this.#start!.maskToken;
    for (let position = Math.max(start, this.length); position < end; position++)
      this.#append(maskToken, true);
  }

  #at(position: number): PositionRecord {
    const record = this.#positions[position];
    if (!record)
      throw new RangeError(`Cannot find a position as there are ${this.length}: found ${position}`);
    return record;
  }
}
