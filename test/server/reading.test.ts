/** What it costs to read a body: other requests wait meanwhile, and its memory is theirs too. */
import { spawn } from "node:child_process";
import { text as readAll } from "node:stream/consumers";
import { setImmediate as turn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { costlyBodies, most } from "./support/costlyBodies.ts";
import { scripted } from "./support/scripted.ts";
import { appOf } from "./support/tiny.ts";

const app = appOf(scripted().handle);
const ask = async (path: string, bytes: Uint8Array<ArrayBuffer>) => {
  const answer = await app.request(path, { method: "POST", body: bytes });
  return { status: answer.status, text: await answer.text() };
};

/** Milliseconds that the process computes between two turns of its event loop, at most. Others' load is not in it. */
class Held {
  worst = 0;
  #last = process.cpuUsage();
  #on = true;

  async watch(): Promise<void> {
    while (this.#on) {
      await turn();
      this.look();
    }
  }
  look(): void {
    const { user, system } = process.cpuUsage(this.#last);
    this.#last = process.cpuUsage();
    this.worst = Math.max(this.worst, (user + system) / 1000);
  }
  end(): void {
    this.#on = false;
  }
}

describe("a body of 8 MiB that is refused", () => {
  beforeAll(async () => {
    // Compiles what reads.
    for (const [, path, text] of costlyBodies.slice(0, 12)) await ask(path, new TextEncoder().encode(text));
  });

  test.each(costlyBodies)("with %s holds the thread no longer than 100 ms", async (_, path, text) => {
    const bytes = new TextEncoder().encode(text);
    expect(bytes.length).toBeLessThanOrEqual(most);
    let best = Infinity;
    // What collects garbage and compiles runs beside the thread, and is counted: the best of three has least of it.
    for (let run = 0; run < 3 && best >= 100; run++) {
      const held = new Held();
      const watching = held.watch();
      const { status, text: said } = await ask(path, bytes);
      held.look();
      held.end();
      await watching;
      expect([status, JSON.parse(said).error.message]).toEqual([400, expect.stringMatching(/^Cannot /)]);
      expect(said.length).toBeLessThan(1500);
      best = Math.min(best, held.worst);
    }
    expect(best).toBeLessThan(100);
  });
});

/** In a process of its own, from dist/: in this one the bodies themselves and the tests before are part of the peak. */
const peak = fileURLToPath(new URL("support/peakMemory.mjs", import.meta.url));

test.each(costlyBodies.filter((_, index) => index % 4 === 0))(
  "with %s takes less memory than ten times its length",
  async (_, path, body) => {
    const child = spawn(process.execPath, ["--expose-gc", peak, path], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    child.stdin.end(body);
    const { status, bytes, grown } = JSON.parse(await readAll(child.stdout));
    expect([status, bytes]).toEqual([400, Buffer.byteLength(body)]);
    expect(grown).toBeLessThan(10 * bytes);
  },
);
