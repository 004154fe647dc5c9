/** Says that the device was lost during the run, and that the run started over. */
import { durationText } from "../controls/units.ts";
import type { Run } from "../engine/runState.ts";
import { type Recovery, recoveryOf } from "../run/index.ts";

export function RecoveryNote({ run }: { readonly run: Run | undefined }) {
  const recovery = run && recoveryOf(run.recording.events);
  if (!recovery || (recovery.phase === "lost" && run.status !== "running")) return null;
  return (
    <p class="recovery" role="status">
      {recoveryText(recovery)}
    </p>
  );
}

function recoveryText(recovery: Recovery): string {
  const reason = recovery.reason.replace(/\.$/, "");
  if (recovery.phase === "lost")
    return `The device was lost (${reason}). It is opened again, and the run starts over.`;
  const times = recovery.count > 1 ? ` ${recovery.count} times` : "";
  return `The device was lost${times} (${reason}), and was back after ${durationText(recovery.ms)}. The run started over, and comes to the same tokens.`;
}
