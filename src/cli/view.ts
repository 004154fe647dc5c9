/** The display of an answer. */
import type { GenerateEvent } from "../core/index.ts";

export interface AnswerView {
  show(event: GenerateEvent): Promise<void>;
  /** Restores the terminal. Called after success and after failure, at least once. */
  close(): void;
}

export interface ViewOptions {
  readonly json?: boolean;
  readonly color?: boolean;
  readonly verbose?: boolean;
}
