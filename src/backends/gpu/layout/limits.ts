/** What fits in a step's descriptor, and in a submission. */
import { constants } from "../../layout/index.ts";

/** Maximum spans, and head requests, of a step. */
export const maxSpans = 64;
/** Maximum steps of a submission. */
export const maxSteps = 8;
/** Maximum submissions under way. */
export const maxSubmissions = 2;
/** Maximum blocks of a row in a submission: as many as the row completes with a step each, and the one behind. */
export const maxBlocks = maxSubmissions * maxSteps + 1;
/** Maximum row states: a row has one while a submission holds it. */
export const maxRowStates = maxSubmissions * maxSpans;
/** Maximum words of a submission: four times what 64 rows of 17 blocks of 32 positions take with two passes a block. */
export const maxSubmissionWords = 2 ** 19;
/** Bytes from one step's descriptor to the next. */
export const descriptorBytes = 4 * constants.descriptorWords;
