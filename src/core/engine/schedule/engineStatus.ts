import type { Backend } from "../../tensor/index.ts";

/** How much an engine has to do now, and has done. */
export interface EngineStatus {
  /** Requests without a place in the K/V pool, and with one. */
  readonly waiting: number;
  readonly active: number;
  /** Positions of the K/V pool that are taken. */
  readonly usedPositions: number;
  /** Since it was loaded: model passes, the sequences in all of them together, and their time in ms. */
  readonly passes: number;
  readonly rows: number;
  readonly passMs: number;
  /** Time by op of all passes since the engine was loaded; absent where the backend does not measure it. */
  readonly times?: NonNullable<Backend["times"]>;
}
