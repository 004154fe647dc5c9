// The peak memory of processes, on Linux.
import { readFileSync } from "node:fs";

/** The kernel's record of the largest resident set of a process, so that no peak is missed. */
export function peakBytes(processId) {
  const status = readFileSync(`/proc/${processId}/status`, "utf8");
  return 1024 * Number(/VmHWM:\s*(\d+) kB/.exec(status)[1]);
}
