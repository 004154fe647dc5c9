/**
 * The other lane of a race: what the same run costs with one token per forward. It is counted, not computed: the same tokens in the
 * same order, one per forward, each forward as long as the mean of the run's own. A page that shows it must say so.
 */
import type { Recording } from "./recording.ts";

export declare function oneTokenPerForward(recording: Recording): Recording;
