#!/usr/bin/env node
/** The executable `unmask`: connects the process to `run`. */
import process from "node:process";
import { run } from "./run.ts";

const signals = ["SIGINT", "SIGTERM"] as const;

// Threads of a GPU driver could keep the process alive. All output has been flushed at this point.
const code = await run(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  onInterrupt(listener) {
    for (const signal of signals) process.on(signal, listener);
    return () => {
      for (const signal of signals) process.off(signal, listener);
    };
  },
  exit: (code) => process.exit(code),
});
process.exit(code);
