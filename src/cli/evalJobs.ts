/** An evaluation in several processes: each runs a share and prints its records, which come back line by line. */
import { spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import { DiffusionError } from "../core/index.ts";

/** The command that started this process, as far as its script. */
function self(): readonly string[] {
  const script = process.argv[1]!;
  return "Deno" in globalThis ? ["run", "-A", script] : [...process.execArgv, script];
}

/**
 * Runs this program `count` times with `--share INDEX/COUNT` behind the arguments.
 * @param onLine called with each line that any of them prints
 * @throws DiffusionError `internal` if one of them fails
 */
export async function runJobs(
  args: readonly string[],
  count: number,
  signal: AbortSignal,
  onLine: (line: string) => Promise<void>,
): Promise<void> {
  const jobs = Array.from({ length: count }, async (_, index) => {
    const command = [...self(), ...args, "--share", `${index}/${count}`];
    const child = spawn(process.execPath, command, { stdio: ["ignore", "pipe", "inherit"] });
    const stop = () => child.kill("SIGTERM");
    signal.addEventListener("abort", stop, { once: true });
    const ended = new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    try {
      for await (const line of createInterface({ input: child.stdout })) await onLine(line);
      const code = await ended;
      if (code === 0 || signal.aborted) return;
      throw new DiffusionError(
        "internal",
        `Cannot finish the evaluation as job ${index} ended with code ${code}`,
      );
    } finally {
      signal.removeEventListener("abort", stop);
      stop();
    }
  });
  await Promise.all(jobs);
}
