/** A submission as words: what each row may do in it, which shaders/planStep.wgsl follows step by step. */
import { DiffusionError } from "../../../core/error.ts";
import type { DeviceBlock, DevicePass, DeviceRow, SlotId } from "../../../core/tensor/index.ts";
import {
  blockPlanLayout,
  constants,
  passPlanLayout,
  requestLayout,
  rowPlanLayout,
  stepPlanLayout,
  submissionLayout,
  writeStructure,
} from "../../layout/index.ts";
import { type DeviceDecoder, edits, gathers, parameterWords } from "../deviceDecoders.ts";
import type { ForbiddenTables } from "./forbiddenTables.ts";
import { type LogprobPlace, logprobWords } from "./logprobs.ts";
import { writeDecision, writeRequest } from "./requests.ts";

/** A row, and where the device keeps what belongs to it. */
export interface PlacedRow {
  readonly row: DeviceRow;
  readonly decoder: DeviceDecoder;
  /** Index of the row state. */
  readonly state: number;
  /** The row has made fewer steps of its block than this when the submission ends. */
  readonly endStep: number;
  /** The word at which the row's part of the report begins. */
  readonly reportAt: number;
  /** Undefined for a row without log-probabilities. */
  readonly logprobs: LogprobPlace | undefined;
}

export interface SubmissionOptions {
  readonly candidateWords: number;
  /** Where a slot begins in the pool. */
  base(slot: SlotId): number;
  /** Receives the tables of passes that forbid tokens. */
  readonly tables: ForbiddenTables;
}

/**
 * Writes a submission of these rows.
 * @returns the words used
 * @throws DiffusionError `out-of-memory` if there is no room
 */
export function writeSubmission(
  rows: readonly PlacedRow[],
  words: Uint32Array,
  options: SubmissionOptions,
): number {
  const writer = new SubmissionWriter(words, options);
  writer.write(rows);
  return writer.used;
}

class SubmissionWriter {
  used = 0;
  readonly #words: Uint32Array;
  readonly #options: SubmissionOptions;

  constructor(words: Uint32Array, options: SubmissionOptions) {
    this.#words = words;
    this.#options = options;
  }

  write(rows: readonly PlacedRow[]): void {
    const at = this.#take(submissionLayout.words + rows.length * rowPlanLayout.words);
    const { candidateWords } = this.#options;
    writeStructure(this.#words, at, submissionLayout, { rowCount: rows.length, candidateWords });
    rows.forEach((row, index) => {
      this.#writeRow(at + submissionLayout.words + index * rowPlanLayout.words, row);
    });
  }

  #writeRow(at: number, placed: PlacedRow): void {
    const { row, state, logprobs } = placed;
    const { slots, entry, firstBlock, blocks, passLimit, stopTokens } = row;
    const [slot, guidanceSlot] = slots;
    const blocksAt = this.#take(blocks.length * blockPlanLayout.words);
    writeStructure(this.#words, at, rowPlanLayout, {
      state,
      base: this.#options.base(slot!),
      guidanceBase: guidanceSlot === undefined ? constants.none : this.#options.base(guidanceSlot),
      isEntry: entry ? 1 : 0,
      entryBlockStep: entry?.step ?? 0,
      entrySequenceStep: entry?.sequenceStep ?? 0,
      entryPasses: entry?.passes ?? 0,
      firstBlock,
      blockCount: blocks.length,
      blocksAt,
      passLimit: limitWord(passLimit),
      stopTokensAt: this.#list(stopTokens),
      stopTokenCount: stopTokens.length,
      logprobStepWords: logprobs ? logprobWords(logprobs.blockLength, 1, logprobs.top) : 0,
      logprobsAt: logprobs?.at ?? 0,
    });
    blocks.forEach((block, index) => {
      this.#writeBlock(blocksAt + index * blockPlanLayout.words, block, placed);
    });
  }

  #writeBlock(at: number, block: DeviceBlock, placed: PlacedRow): void {
    const { openAtStart, firstStep, passes, stepLimit, stopRange, editable } = block;
    const stepCount = countStepPlans(block, placed);
    const stepsAt = this.#take(stepCount * stepPlanLayout.words);
    const passesAt = new Map<DevicePass, number>();
    for (let step = 0; step < stepCount; step++) {
      const pass = passes[Math.min(step, passes.length - 1)]!;
      const passAt = passesAt.get(pass) ?? this.#pass(pass, block, placed);
      passesAt.set(pass, passAt);
      const view = { step: firstStep + step, openAtStart };
      writeStructure(this.#words, stepsAt + step * stepPlanLayout.words, stepPlanLayout, {
        passAt,
        parameters: parameterWords(placed.decoder, pass.parameters, view),
      });
    }
    writeStructure(this.#words, at, blockPlanLayout, {
      openAtStart,
      firstStep,
      stepCount,
      stepsAt,
      stepLimit: limitWord(stepLimit),
      stopStart: stopRange?.start ?? 0,
      stopEnd: stopRange?.end ?? 0,
      editableAt: this.#list(editable),
      editableCount: editable.length,
    });
  }

  /** Writes a pass and its head request; returns the word at which the pass begins. */
  #pass({ span, head, softEmbeddingWeight = 0 }: DevicePass, block: DeviceBlock, placed: PlacedRow): number {
    const { row, decoder, reportAt } = placed;
    const at = this.#take(passPlanLayout.words + requestLayout.words);
    const { start, end, visible, maskBlock, origin } = span;
    writeStructure(this.#words, at, passPlanLayout, {
      start,
      end,
      visible,
      maskBlock: maskBlock === Infinity ? 0 : maskBlock,
      origin,
    });
    const { positions, forbidden } = head;
    const scale = row.guidanceScale;
    const guidance = scale === undefined ? undefined : { span: 0, scale };
    // The device fills in the span, the first row and the step.
    const request = { ...head, span: 0, step: 0, guidance };
    const forbiddenAt = forbidden ? this.#options.tables.add(positions, forbidden) : 0;
    const requestAt = at + passPlanLayout.words;
    writeRequest(request, this.#words, requestAt, { firstRow: 0, forbiddenAt, couplingsAt: 0 });
    const decision = {
      blockStart: block.start,
      blockEnd: block.end,
      decoder: decoder.number,
      edits: edits(decoder),
      gathers: gathers(decoder),
      softEmbeddingWeight,
      reportAt,
    };
    writeDecision(decision, this.#words, requestAt);
    return at;
  }

  #list(values: readonly number[]): number {
    const at = this.#take(values.length);
    this.#words.set(values, at);
    return at;
  }

  #take(count: number): number {
    const at = this.used;
    this.used += count;
    const most = this.#words.length;
    if (this.used <= most) return at;
    const message = `Cannot describe the passes of a submission as they are too many: at most ${most} words, found ${this.used}`;
    throw new DiffusionError("out-of-memory", message);
  }
}

const limitWord = (limit: number) => Math.min(limit, constants.none);

/** Step plans of a block: one for each pass, and where a kernel's parameters depend on the step one for each step. */
function countStepPlans(block: DeviceBlock, { decoder, endStep }: PlacedRow): number {
  const { start, end, firstStep, passes, stepLimit } = block;
  const { kernel, transferCount } = decoder.declaration;
  if (!kernel?.parameters) return passes.length;
  // Each step commits a position at least, unless the decoder announces steps that commit none.
  const most = transferCount ? Infinity : end - start;
  return Math.max(passes.length, Math.min(endStep, stepLimit, most) - firstStep);
}
