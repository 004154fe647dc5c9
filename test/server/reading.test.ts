/** Time and memory for reading a body: a costly body must not delay other requests or exhaust the memory. */
import { spawn } from "node:child_process";
import { text as readAll } from "node:stream/consumers";
import { setImmediate as turn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { costlyBodies, most } from "./support/costlyBodies.ts";
import { scripted } from "./support/scripted.ts";
import { appOf } from "./support/tiny.ts";

const app = appOf(scripted().handle);
const send = async (path: string, bytes: Uint8Array<ArrayBuffer>) => {
  const answer = await app.request(path, { method: "POST", body: bytes });
  return { status: answer.status, text: await answer.text() };
};

/** The longest CPU time of the process between two turns of its event loop, which other load does not affect. */
class LongestTurn {
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

describe("a rejected body of 8 MiB", () => {
  beforeAll(async () => {
    // Compiles the code that reads bodies.
    for (const [, path, text] of costlyBodies.slice(0, 12)) await send(path, new TextEncoder().encode(text));
  });

  test.each(costlyBodies)("with %s blocks the thread for less than 100 ms", async (_, path, text) => {
    const bytes = new TextEncoder().encode(text);
    expect(bytes.length).toBeLessThanOrEqual(most);
    let best = Infinity;
    // The CPU time includes the threads of the garbage collector and the compiler, so the best of three runs counts.
    for (let run = 0; run < 3 && best >= 100; run++) {
      const held = new LongestTurn();
      const watching = held.watch();
      const { status, text: responseText } = await send(path, bytes);
      held.look();
      held.end();
      await watching;
      expect([status, JSON.parse(responseText).error.message]).toEqual([
        400,
        expect.stringMatching(/^Cannot /),
      ]);
      expect(responseText.length).toBeLessThan(1500);
      best = Math.min(best, held.worst);
    }
    expect(best).toBeLessThan(100);
  });
});

/** A separate process, from dist/: in this process the bodies and earlier tests would be part of the peak. */
const peak = fileURLToPath(new URL("support/peakMemory.mjs", import.meta.url));

test.each(costlyBodies.filter((_, index) => index % 4 === 0))(
  "with %s takes less than ten times its length in memory",
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
