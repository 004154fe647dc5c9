/** Runs an evaluation in several processes. Each process evaluates one share and prints one record per line. */
import { spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import { DiffusionError } from "../core/index.ts";
import { exitCodes } from "./fail.ts";

/** The command line of this process up to and including the script. */
function self(): readonly string[] {
  const script = process.argv[1]!;
  return "Deno" in globalThis ? ["run", "-A", script] : [...process.execArgv, script];
}

/**
 * Runs this program `count` times, each time with `--share INDEX/COUNT` appended to the arguments.
 * @param onLine called with each line of any job
 * @throws DiffusionError if a job fails: `invalid-request` if the job's exit code says bad input, else `io`
 */
export async function runJobs(
  args: readonly string[],
  count: number,
  signal: AbortSignal,
  onLine: (line: string) => Promise<void>,
): Promise<void> {
  const failing = new AbortController();
  const either = AbortSignal.any([signal, failing.signal]);
  const run = async (index: number) => {
    const command = [...self(), ...args, "--share", `${index}/${count}`];
    const child = spawn(process.execPath, command, { stdio: ["ignore", "pipe", "inherit"] });
    const stop = () => child.kill("SIGTERM");
    either.addEventListener("abort", stop, { once: true });
    const ended = new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    try {
      for await (const line of createInterface({ input: child.stdout })) await onLine(line);
      const code = await ended;
      if (code === 0 || either.aborted) return;
      throw jobError(index, code);
    } finally {
      either.removeEventListener("abort", stop);
      stop();
    }
  };
  // A failed job ends the other jobs, as the evaluation cannot be completed.
  const jobs = Array.from({ length: count }, (_, index) =>
    run(index).catch((error) => {
      failing.abort(error);
      throw error;
    }),
  );
  await Promise.allSettled(jobs);
  await Promise.all(jobs);
}

/** The error for a failed job, which has printed its own error on standard error. */
function jobError(index: number, code: number | null): DiffusionError {
  const why = `job ${index} ended ${code === null ? "by a signal" : `with code ${code}`}`;
  const kind = code === exitCodes.badInput ? "invalid-request" : "io";
  return new DiffusionError(kind, `Cannot finish the evaluation as ${why}`);
}
