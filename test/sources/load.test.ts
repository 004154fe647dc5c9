/** Models as an engine loads them from where they are: reports in bytes, ended by an abort, believed only when checked. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { cpu } from "../../src/backends/cpu/index.ts";
import { Engine, type LoadOptions, type LoadProgress, type ModelSource } from "../../src/core/index.ts";
import { diskCache } from "../../src/node.ts";
import { blobs, directoryHandle, hub, memory, opfsCache, url } from "../../src/sources/index.ts";
import { hubServer } from "../support/hubServer.ts";
import { loopback, withRanges } from "../support/loopback.ts";
import { memoryHandle, memoryLocks } from "../support/memoryHandles.ts";
import { tinyFiles } from "../support/surroundings.ts";

const files = await tinyFiles();
const weightBytes = files["model.safetensors"]!.length;

async function answerOf(
  source: ModelSource,
  options: Partial<LoadOptions> = {},
): Promise<string | undefined> {
  const engine = await Engine.load(source, { backend: cpu(), context: 160, ...options });
  try {
    let text: string | undefined;
    for await (const event of engine.generate({ prompt: "reverse river stone", genLength: 32, seed: 1 })) {
      if (event.type === "done") text = event.text;
    }
    return text;
  } finally {
    await engine.dispose();
  }
}

describe("from a hub", () => {
  const server = hubServer();
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "unmask-load-"));
    server.files = files;
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const cached = () => hub(server.id, { endpoint: server.endpoint, cache: diskCache(folder) });

  test("the download's progress is reported first, then that of the weights, each to its end", async () => {
    server.pace = { bytes: 2 ** 17, ms: 20 };
    const reports: LoadProgress[] = [];
    await answerOf(cached(), { onProgress: (progress) => reports.push(progress) });
    const stages = reports.map(({ stage }) => stage);
    expect(stages).toEqual([...stages].sort());
    expect(reports.length).toBeLessThan(20);
    const download = reports.filter(({ stage }) => stage === "download");
    expect(download.at(-1)).toMatchObject({
      loadedBytes: weightBytes,
      totalBytes: weightBytes,
      secondsLeft: 0,
    });
    const middle = download[Math.floor(download.length / 2)]!;
    expect(middle.bytesPerSecond).toBeGreaterThan(100_000);
    expect(middle.secondsLeft).toBeCloseTo((weightBytes - middle.loadedBytes) / middle.bytesPerSecond, 6);
    const last = reports.at(-1)!;
    expect(last).toMatchObject({ stage: "weights", loadedBytes: last.totalBytes });
  });

  test("a header from before the download is not used if the verified file has another", async () => {
    const sound = files["model.safetensors"]!;
    const forged = sound.slice();
    // Two tensors of the same shape exchange their names.
    const header = new TextDecoder("latin1").decode(forged.subarray(8, 20_000));
    const [first, second] = ["q_proj", "k_proj"].map(
      (name) => header.indexOf(`layers.0.self_attn.${name}.weight`) + 8,
    );
    forged[first! + "layers.0.self_attn.".length] = "k".charCodeAt(0);
    forged[second! + "layers.0.self_attn.".length] = "q".charCodeAt(0);
    expect(first).toBeGreaterThan(8);
    const right = await answerOf(memory(files));
    expect(await answerOf(memory({ ...files, "model.safetensors": forged }))).not.toBe(right);
    server.interfere = ({ host, line }, response) => {
      // Requests for a part of the file get the forged one.
      const [, start, last] = /bytes=(\d+)-(\d+)$/.exec(line) ?? [];
      if (host !== "cdn" || Number(last) + 1 === sound.length) return false;
      const part = forged.subarray(Number(start), Number(last) + 1);
      response
        .writeHead(206, {
          "content-range": `bytes ${start}-${last}/${sound.length}`,
          "content-length": part.length,
        })
        .end(part);
      return true;
    };
    expect(await answerOf(cached())).toBe(right);
  });

  test("an abort ends the download at once; the next load resumes it", async () => {
    // Slow enough for several reports, of which there are ten a second.
    server.pace = { bytes: 2 ** 16, ms: 20 };
    const controller = new AbortController();
    let reached = 0;
    const loading = answerOf(cached(), {
      signal: controller.signal,
      onProgress: ({ loadedBytes }) => {
        reached = loadedBytes;
        if (loadedBytes > 10 ** 6) controller.abort("enough");
      },
    });
    await expect(loading).rejects.toMatchObject({ code: "aborted", cause: "enough" });
    expect(reached).toBeLessThan(2 * 10 ** 6);
    server.requests = [];
    expect(await answerOf(cached())).toBe(await answerOf(memory(files)));
    const starts = server.lines("cdn").map((line) => Number(/bytes=(\d+)-/.exec(line)![1]));
    expect(Math.max(...starts)).toBeGreaterThanOrEqual(10 ** 6);
  });

  test("a hub gives the same model without a cache, and with a cache in OPFS", async () => {
    const right = await answerOf(memory(files));
    expect(await answerOf(hub(server.id, { endpoint: server.endpoint }))).toBe(right);
    const cache = opfsCache({ root: memoryHandle(), locks: memoryLocks() });
    expect(await answerOf(hub(server.id, { endpoint: server.endpoint, cache }))).toBe(right);
    expect(await answerOf(hub(server.id, { endpoint: server.endpoint, cache, offline: true }))).toBe(right);
  });
});

describe("from other sources", () => {
  const server = loopback();

  test("a web address, Blobs and a folder handle give the same model", async () => {
    server.handle = withRanges(files);
    const root = memoryHandle("tiny");
    for (const [name, bytes] of Object.entries(files)) {
      const writer = await (await root.getFileHandle(name, { create: true })).createWritable();
      await writer.write(bytes);
      await writer.close();
    }
    const right = await answerOf(memory(files));
    expect(right).toMatch(/\w/);
    const inBlobs = blobs(
      Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, new Blob([bytes])])),
    );
    for (const source of [url(server.base), inBlobs, directoryHandle(root)]) {
      expect(await answerOf(source)).toBe(right);
    }
  });
});
