/** How work is divided for tensor cores: pure functions of shapes. native/src/kernels/tiles.cuh and stream.cuh have the same numbers. */
import type { NodeOf } from "../../../../core/tensor/index.ts";

/** Rows of a panel of weights, and columns of a stage of it. */
export const panelRows = 128;
export const stageColumns = 64;
export const stageBytes = 2 * panelRows * stageColumns;

/** The most rows of x of a block, and by form of the kernels the eights of rows that a block can hold. */
export const blockRows = 128;
export const groupForms: readonly number[] = [2, 4, 8, 16];
/** Rows of x of a block that computes all splits one after the other. */
export const serialRows = 64;

/** Two blocks for each multiprocessor of the largest cards. The number is the same for every card, as splits decide the order of sums. */
const busyBlocks = 264;
/** Shorter splits cost more in sums than more blocks save. */
const minSplitStages = 4;

/** Stages of a row of this many columns. */
export const stagesOf = (columns: number): number => Math.ceil(columns / stageColumns);

/** Panels of this many rows; with `paired`, of this many rows of gates and as many of ups. */
export const panelsOf = (rows: number, paired: boolean): number =>
  Math.ceil(rows / (paired ? panelRows / 2 : panelRows));

/** The parts of k that a product sums on their own. They depend on the shape of the whole weight alone. */
export function splitsOf(panels: number, stages: number): number {
  return Math.max(1, Math.min(Math.floor(busyBlocks / panels), Math.floor(stages / minSplitStages)));
}

/** The form for this many rows. @returns the index in `groupForms`; its length for more rows than a block holds */
export function groupForm(rows: number): number {
  return rows > blockRows ? groupForms.length : groupForms.findIndex((groups) => rows <= 8 * groups);
}

/** With more tiles there is work for all multiprocessors without shares. It bounds the memory for the shares. */
export const maxSharedTiles = 8;
/** Blocks of a tile over all heads. The number is the same for every card, as shares decide the order of sums. */
const tileBlocks = 128;
/** Threads of a block, and the most floats of a thread: half a head's width, and two rows' highest scores and totals. */
const blockThreads = 128;
const threadFloats = 68;

/** The parts that a tile's keys are divided into. */
export const sharesOf = ({ kvHeads }: NodeOf<"attention">["attributes"]): number =>
  Math.max(1, Math.min(16, Math.floor(tileBlocks / kvHeads)));

/** Bytes of what the blocks of a tile hand to the one that ends last, and of their counters. */
export function shareBytes({ attributes }: NodeOf<"attention">): {
  readonly sums: number;
  readonly counters: number;
} {
  const blocks = maxSharedTiles * attributes.kvHeads;
  return { sums: 4 * blocks * sharesOf(attributes) * blockThreads * threadFloats, counters: 4 * blocks };
}
