export { maxBranches } from "./branches.ts";
export {
  type Canvas,
  extendedCanvas,
  generationCanvas,
  type Range,
  type SubBlock,
  shortenedCanvas,
} from "./canvas.ts";
export { draftCanvas, remask } from "./draftCanvas.ts";
export { type InfillCanvas, type InfillPart, infillCanvas } from "./infillCanvas.ts";
export { type BlockOptions, OpenBlock } from "./openBlock.ts";
export type { SequenceOptions } from "./options.ts";
export {
  changeOf,
  type DecidedStep,
  type SequencePass,
  type StepOutcome,
  slotWrites,
  type TokenGuesses,
  type TokenWrites,
} from "./outcome.ts";
export { type FinishReason, Sequence } from "./sequence.ts";
export { type Smoothing, smoothingParameters } from "./smoothing.ts";
export { type DecodedTokens, undecidedPositions } from "./undecided.ts";
