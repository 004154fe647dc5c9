/** What fits in a step's descriptor, and in a submission. */
import { constants } from "../../layout/index.ts";

/** Maximum spans, and head requests, of a step. */
export const maxSpans = 64;
/** Maximum steps of a submission. */
export const maxSteps = 8;
/** Bytes from one step's descriptor to the next. */
export const descriptorBytes = 4 * constants.descriptorWords;
