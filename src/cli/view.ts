/** What shows an answer. */
import type { GenerateEvent } from "../core/index.ts";

export interface AnswerView {
  show(event: GenerateEvent): Promise<void>;
  /** Leaves the terminal as it was; called whatever happened, once or more. */
  close(): void;
}

export interface ViewOptions {
  readonly json?: boolean;
  readonly color?: boolean;
  readonly verbose?: boolean;
}
