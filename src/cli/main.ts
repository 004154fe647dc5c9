#!/usr/bin/env node
/** The command `unmask`: the process behind `run`. */
import process from "node:process";
import { run } from "./run.ts";

const signals = ["SIGINT", "SIGTERM"] as const;

// Whatever a driver has left running must not keep the process: everything has been written by now.
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
