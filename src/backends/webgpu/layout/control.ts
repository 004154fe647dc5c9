/** The control buffer: the state of the batch and of its rows. */
import { batchStateLayout, constants, rowStateLayout, writeStructure } from "../../layout/index.ts";
import type { LoopRow } from "../singleBlockLoop.ts";

/** Words of the control buffer for this many rows. */
export function controlWords(rows: number): number {
  return batchStateLayout.words + rows * rowStateLayout.words;
}

/** The control buffer of a batch for which the host decides: it has work left. */
export function hostControl(): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(controlWords(0));
  writeStructure(words, 0, batchStateLayout, { activeRows: 1 });
  return words;
}

/** The control buffer of a batch for which the device decides. */
export function deviceControl(rows: readonly LoopRow[]): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(controlWords(rows.length));
  writeStructure(words, 0, batchStateLayout, { activeRows: rows.length });
  rows.forEach(({ step, sequenceStep, openAtStart }, index) => {
    writeStructure(words, controlWords(index), rowStateLayout, {
      active: 1,
      blockStep: step,
      sequenceStep,
      openAtStart,
      invalidPosition: constants.none,
    });
  });
  return words;
}
