import type { Run } from "../engine/runState.ts";

export const statusWords: Readonly<Record<Run["status"], string>> = {
  waiting: "Waiting",
  running: "Running",
  done: "Done",
  cancelled: "Cancelled",
  failed: "Failed",
};
