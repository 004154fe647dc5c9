/** Limits of a backend, and what exceeds them. */

export interface BackendLimits {
  /** The most bytes that one weight may have. */
  readonly maxBindingBytes: number;
  /** Whether weights stay in memory as the checkpoint stores them; else they are f32. */
  readonly keepsStoredTypes: boolean;
  /** The most spans, and the most head requests, that one step may hold. */
  readonly maxSpans: number;
}

/** Something that a device cannot hold in one piece. */
export interface LimitExceeded {
  /** A tensor or buffer by name. */
  readonly what: string;
  readonly bytes: number;
  /** The most that one piece may have. */
  readonly limitBytes: number;
  /** What its bytes grow with: positions of the K/V pool, tokens of a pass, or neither. */
  readonly growsWith: "positions" | "tokens" | "no";
}
