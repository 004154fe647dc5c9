/** Failing downloads from a hub: damaged, interrupted, refused, aborted. */
import { readFile, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { hubModel, shards } from "../../test/support/hubModel.ts";
import { noise, sha256 } from "../../test/support/hubServer.ts";
import { failure } from "../../test/support/loopback.ts";
import type { DownloadProgress } from "../core/weights/source.ts";
import { diskCache } from "./diskCache.ts";

const { server, folder, cached, expectSame } = hubModel();

describe("failures", () => {
  const isShard = (line: string) => line.includes(shards[0]!);

  test("a shard that is damaged in transfer is detected and downloaded again", async () => {
    let damaged = 0;
    server.interfere = ({ host, line }, response) => {
      if (host !== "cdn" || !isShard(line) || damaged++ > 0) return false;
      const bytes = server.files[shards[0]!]!.slice();
      bytes[150_000]! ^= 1;
      response.writeHead(206, { "content-range": `bytes 0-299999/300000` }).end(bytes);
      return true;
    };
    const source = cached();
    const reports: DownloadProgress[] = [];
    await source.download!(shards, { onProgress: (progress) => reports.push(progress) });
    await expectSame(source, shards[0]!);
    expect(damaged).toBe(2);
    expect(reports.at(-1)).toMatchObject({ loadedBytes: 900_003, receivedBytes: 1_200_003 });
  });

  test("a shard that is damaged twice is an error, and is not kept", async () => {
    server.interfere = ({ host, line }, response) => {
      if (host !== "cdn" || !isShard(line)) return false;
      response.writeHead(200).end(noise(300_000, 99));
      return true;
    };
    const wanted = sha256(server.files[shards[0]!]!);
    await expect(cached().download!([shards[0]!])).rejects.toEqual(
      failure("io", `its checksum must be ${wanted}: found ${sha256(noise(300_000, 99))}`),
    );
    expect(await diskCache(folder()).list()).not.toContain(`blobs/sha256-${wanted}`);
  });

  test("a shard that was damaged in the cache is detected and downloaded again", async () => {
    await cached().download!(shards);
    const name = `blobs/sha256-${sha256(server.files[shards[1]!]!)}`;
    const path = join(folder(), name);
    const bytes = await readFile(path);
    bytes[7]! ^= 1;
    await writeFile(path, bytes);
    const source = cached();
    expect(await source.download!(shards)).toBe(true);
    await expectSame(source, shards[1]!);
    // A file with only a new modification time is verified and kept.
    await utimes(path, 1, 1);
    expect(await cached().download!(shards)).toBe(false);
  });

  test("a download continues where its connection broke", async () => {
    const cuts = [0, 1, 100_000, 299_999];
    server.interfere = ({ host, line }, response) => {
      if (host !== "cdn" || !isShard(line) || cuts.length === 0) return false;
      const bytes = server.files[shards[0]!]!;
      const start = Number(/bytes=(\d+)-/.exec(line)![1]);
      const end = Math.max(start, cuts.shift()!);
      response.writeHead(206, {
        "content-range": `bytes ${start}-299999/300000`,
        "content-length": 300_000 - start,
      });
      response.write(bytes.subarray(start, end), () => setTimeout(() => response.destroy(), 20));
      return true;
    };
    const source = cached();
    await source.download!([shards[0]!]);
    await expectSame(source, shards[0]!);
    const ranges = server.lines("cdn").map((line) => line.split(" ").at(-1));
    expect(ranges).toEqual([0, 0, 1, 100_000, 299_999].map((start) => `bytes=${start}-299999`));
  });

  test.each([429, 500, 503])(
    "status %d is retried after the time that the server requests",
    async (status) => {
      const times: number[] = [];
      server.interfere = ({ line }, response) => {
        if (!isShard(line)) return false;
        times.push(performance.now());
        if (times.length > 1) return false;
        response.writeHead(status, { "retry-after": "1" }).end();
        return true;
      };
      await cached().download!([shards[0]!]);
      expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(990);
    },
  );

  test("a long Retry-After is an error", async () => {
    server.interfere = (_, response) => {
      response.writeHead(429, { "retry-after": "3600" }).end();
      return true;
    };
    await expect(cached().list()).rejects.toEqual(failure("io", '"status 429", Retry-After 3600 s'));
    expect(server.requests).toHaveLength(1);
  });

  test("the first failure stops the other downloads, which the next call resumes", async () => {
    // Slow enough that the others are far from their end when one fails, even on a busy machine.
    const { pace } = server;
    server.pace = { bytes: 50_000, ms: 200 };
    server.interfere = ({ host, line }, response) => {
      if (host !== "cdn" || !line.includes(shards[2]!)) return false;
      server.onSent = (bytes) => {
        if (bytes >= 100_000 && !response.headersSent) response.writeHead(404).end();
      };
      return true;
    };
    await expect(cached().download!(shards)).rejects.toEqual(failure("not-found", "found status 404"));
    const sent = server.sentBytes;
    expect(sent).toBeLessThan(600_000);
    Object.assign(server, { pace, interfere: () => false, onSent: () => {} });
    const source = cached();
    const reports: DownloadProgress[] = [];
    await source.download!(shards, { onProgress: (progress) => reports.push(progress) });
    expect(reports.at(-1)!.receivedBytes).toBeLessThan(900_003);
    for (const name of shards) await expectSame(source, name);
  });

  test("an abort stops a download, which the next call resumes", async () => {
    const controller = new AbortController();
    server.pace = { bytes: 50_000, ms: 20 };
    server.onSent = (bytes) => {
      if (bytes >= 150_000) controller.abort("enough");
    };
    const { signal } = controller;
    await expect(cached().download!([shards[0]!], { signal })).rejects.toMatchObject({
      code: "aborted",
      cause: "enough",
    });
    server.onSent = () => {};
    const reports: DownloadProgress[] = [];
    const source = cached();
    await source.download!([shards[0]!], { onProgress: (progress) => reports.push(progress) });
    expect(reports[0]!.receivedBytes).toBe(0);
    expect(reports[0]!.loadedBytes).toBeGreaterThanOrEqual(100_000);
    expect(reports.at(-1)!.receivedBytes).toBe(300_000 - reports[0]!.loadedBytes);
    await expectSame(source, shards[0]!);
  });

  test("a server without ranges sends the whole file again", async () => {
    const controller = new AbortController();
    server.pace = { bytes: 50_000, ms: 20 };
    server.onSent = () => controller.abort();
    await expect(cached().download!([shards[0]!], { signal: controller.signal })).rejects.toMatchObject({
      code: "aborted",
    });
    server.interfere = ({ host }, response) => {
      if (host === "cdn") response.writeHead(200).end(server.files[shards[0]!]);
      return host === "cdn";
    };
    const source = cached();
    await source.download!([shards[0]!]);
    await expectSame(source, shards[0]!);
  });
});
