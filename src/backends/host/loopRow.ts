/** A row of the decode loop: the block that it is in, the passes that it may make, and its steps since the last report. */

import { decoders } from "../../core/decode/index.ts";
import {
  type BlockOptions,
  type DecidedStep,
  type DecodedTokens,
  OpenBlock,
  slotWrites,
} from "../../core/diffusion/index.ts";
import { bug } from "../../core/error.ts";
import type {
  DeviceBlock,
  DevicePass,
  DeviceReport,
  DeviceRow,
  HeadRequest,
  RequestRows,
  SlotChange,
} from "../../core/tensor/index.ts";

/** The next pass of a row. */
export interface LoopPass {
  readonly row: LoopRow;
  readonly slots: DeviceRow["slots"];
  readonly guidanceScale: number | undefined;
  readonly pass: DevicePass;
  readonly head: Omit<HeadRequest, "span" | "guidance">;
}

export class LoopRow {
  readonly #decoded: DecodedTokens;
  #row!: DeviceRow;
  /** Undefined between two blocks. */
  #block: OpenBlock | undefined;
  #blockIndex = -1;
  #sequenceStep = 0;
  #passes = 0;
  #stopped = false;
  #steps: DecidedStep[] = [];
  #invalid: number | undefined;

  /** @param decoded the living tokens of the row's first slot */
  constructor(decoded: DecodedTokens) {
    this.#decoded = decoded;
  }

  /** Takes what the row may do from now on. */
  accept(row: DeviceRow): void {
    this.#row = row;
    const { entry, firstBlock } = row;
    if (!entry) return;
    if (this.#blockIndex !== firstBlock) this.#block = undefined;
    this.#blockIndex = firstBlock;
    this.#sequenceStep = entry.sequenceStep;
    this.#passes = entry.passes;
    this.#block ??= this.#open(row.blocks[0]!);
    this.#block.skipIdleSteps();
    if (this.#block.step !== entry.step)
      throw bug(
        `The row enters block ${firstBlock} at step ${entry.step}, and is at step ${this.#block.step}`,
      );
  }

  /** The next pass; undefined if the row rests. */
  next(): LoopPass | undefined {
    const { blocks, firstBlock, passLimit, slots, guidanceScale } = this.#row;
    const foreseen = blocks[this.#blockIndex - firstBlock];
    if (this.#stopped || this.#invalid !== undefined || !foreseen || this.#passes >= passLimit)
      return undefined;
    this.#block ??= this.#open(foreseen);
    const { step } = this.#block;
    if (step >= foreseen.stepLimit) return undefined;
    const { passes, firstStep } = foreseen;
    const pass = passes[Math.min(step - firstStep, passes.length - 1)]!;
    return { row: this, slots, guidanceScale, pass, head: this.#head(pass, this.#block) };
  }

  /**
   * Decides by the statistics of the pass. Returns what is written to each slot; nothing if the model computed no finite
   * logits.
   * @param request index of the row's head request in the pass
   */
  decide({ pass, head }: LoopPass, rows: RequestRows, request: number): Omit<SlotChange, "slot"> | undefined {
    const block = this.#block!;
    const { statistics, firstRow } = rows;
    this.#invalid = head.positions.find((_, index) => statistics.valid[firstRow + index] !== 1);
    if (this.#invalid !== undefined) return undefined;
    const step = block.decide({ head, rows }, pass.parameters, this.#sequenceStep++);
    const decided = step.decided.atPositions(block.start, head.top !== undefined);
    block.write(decided);
    this.#passes++;
    this.#steps.push(decided);
    const { undecided } = this.#decoded;
    const weight = pass.softEmbeddingWeight;
    const open = [...head.positions.keys()].filter((row) => undecided[head.positions[row]!] === 1);
    return {
      ...slotWrites(decided, this.#row.maskToken),
      softEmbeddings: weight === undefined ? undefined : { request, rows: open, weight },
    };
  }

  /** Leaves the block if it is complete; the row stops if the block holds a stop token. */
  advance(): void {
    if (!this.#block?.complete) return;
    const { blocks, firstBlock, stopTokens } = this.#row;
    const { stopRange } = blocks[this.#blockIndex - firstBlock]!;
    const written = stopRange && this.#decoded.tokens.subarray(stopRange.start, stopRange.end);
    this.#stopped = written?.some((token) => stopTokens.includes(token)) ?? false;
    this.#block = undefined;
    this.#blockIndex++;
  }

  /** The steps since the last report. */
  takeReport(): DeviceReport {
    const steps = this.#steps;
    this.#steps = [];
    return { steps, invalid: this.#invalid };
  }

  #open({ start, end, editable, passes }: DeviceBlock): OpenBlock {
    const { decoder: name, maskToken } = this.#row;
    const declaration = decoders.find((each) => each.name === name);
    if (!declaration) throw bug(`There is no built-in decoder '${name}'`);
    const undecided = new Uint8Array(this.#decoded.tokens.length);
    for (const position of editable) undecided[position] = 1;
    const { parameters, head } = passes[0]!;
    const options: BlockOptions = {
      maskToken,
      decoder: { declaration, parameters: parameters },
      sampling: head.sampling,
      canvas: { undecided },
    };
    return new OpenBlock({ start, end }, options, this.#decoded);
  }

  /** The pass's head request for the positions that are wanted now. */
  #head({ head }: DevicePass, block: OpenBlock): LoopPass["head"] {
    const { undecided } = this.#decoded;
    const wanted = new Set(block.wantedPositions());
    const indices = [...head.positions.keys()].filter((index) => {
      const position = head.positions[index]!;
      return wanted.has(position) || (head.mixture !== undefined && undecided[position] === 1);
    });
    const positions = indices.map((index) => head.positions[index]!);
    const gathers = decoders.find(({ name }) => name === this.#row.decoder)?.gather !== undefined;
    return {
      ...head,
      positions,
      step: this.#sequenceStep,
      forbidden: head.forbidden && indices.map((index) => head.forbidden![index]!),
      gather: gathers ? positions.map((position) => block.gather(position)) : undefined,
    };
  }
}
