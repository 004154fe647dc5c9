/** What every store of downloads must do, and a hub's model downloaded into it. */
import { hub, type Store } from "../../src/sources/index.ts";
import { equal, failure, type Suite } from "./suite.ts";

const commit = "0123456789abcdef0123456789abcdef01234567";
const shard = "model.safetensors";
const mebibyte = 2 ** 20;

/** @param make a store of its own for each case */
export function storeSuite(name: string, make: (caseName: string) => Promise<Store>): Suite {
  const cases: [string, (store: Store) => Promise<void>][] = [
    ["a committed file can be read, in any range", readsRanges],
    ["a file without a commit is hidden, and the next holder continues it", continues],
    ["a commit replaces the file before", replaces],
    ["two holders of one file take turns", takesTurns],
    ["an aborted download is resumed, and a damaged file is refused", downloads],
  ];
  return {
    name: `store: ${name}`,
    cases: cases.map(([caseName, run]) => ({ name: caseName, run: async () => run(await make(caseName)) })),
  };
}

async function readsRanges(store: Store): Promise<void> {
  const content = pattern(18 * mebibyte);
  const growing = await store.grow("a/b.bin");
  for (let start = 0; start < content.length; start += mebibyte) {
    await growing.append(content.subarray(start, start + mebibyte));
  }
  equal(growing.size, content.length, "size while it grows");
  await growing.commit();
  await growing.release();
  const file = await store.open("a/b.bin");
  equal(file?.size, content.length, "size");
  for (const [start, length] of [
    [0, 0],
    [5, 11],
    [16 * mebibyte - 3, 7],
    [content.length - 1, 1],
    [0, content.length],
  ] as const) {
    same(await file!.read(start, length), content.subarray(start, start + length), `${length} at ${start}`);
  }
  equal(
    (await failure(() => file!.read(1, content.length))).message.includes("must lie within"),
    true,
    "beyond",
  );
  equal(await store.list(), ["a/b.bin"], "list");
  equal(await store.open("a/c.bin"), undefined, "another name");
  equal(await store.open("a"), undefined, "a folder");
  await store.delete("a/b.bin");
  equal(await store.open("a/b.bin"), undefined, "once deleted");
  equal(await store.list(), [], "list once deleted");
  await store.delete("a/b.bin");
  const refused = await failure(() => store.open("../x"));
  equal(refused.message.includes("must be a relative path"), true, "a name that leads out of the store");
}

async function continues(store: Store): Promise<void> {
  const first = await store.grow("x");
  await first.append(bytesOf("abc"));
  await first.release();
  equal(await store.open("x"), undefined, "not committed");
  equal(await store.list(), [], "list");
  equal(await store.entries(), [{ name: "x", bytes: 3, isComplete: false }], "entries");
  const second = await store.grow("x");
  equal(second.size, 3, "size");
  equal(textOf(await second.read(1, 2)), "bc", "what the first wrote");
  await second.append(bytesOf("def"));
  equal(textOf(await second.read(2, 3)), "cde", "across both");
  await second.clear();
  equal(second.size, 0, "size once cleared");
  await second.append(bytesOf("new"));
  await second.commit();
  await second.release();
  const file = await store.open("x");
  equal(textOf(await file!.read(0, file!.size)), "new", "committed");
  equal(await store.entries(), [{ name: "x", bytes: 3, isComplete: true }], "entries once committed");
}

async function replaces(store: Store): Promise<void> {
  const stamps = new Set<string>();
  for (const content of ["one", "three", "2"]) {
    const growing = await store.grow("x");
    equal(growing.size, 0, `size before '${content}'`);
    await growing.append(bytesOf(content));
    await growing.commit();
    await growing.release();
    const file = await store.open("x");
    equal(textOf(await file!.read(0, file!.size)), content, "content");
    stamps.add(file!.stamp);
  }
  equal(stamps.size, 3, "stamps");
}

async function takesTurns(store: Store): Promise<void> {
  const order: string[] = [];
  const first = await store.grow("x");
  const second = store.grow("x").then((growing) => {
    order.push(`second at ${growing.size}`);
    return growing;
  });
  const controller = new AbortController();
  const third = failure(() => store.grow("x", controller.signal));
  await first.append(bytesOf("abc"));
  await new Promise((resolve) => setTimeout(resolve, 200));
  controller.abort("enough");
  const aborted = (await third) as Error & { code?: string };
  equal([aborted.code, aborted.cause], ["aborted", "enough"], "the third");
  const other = await store.grow("y");
  await other.release();
  order.push("first releases");
  await first.release();
  await (await second).release();
  equal(order, ["first releases", "second at 3"], "order");
}

async function downloads(store: Store): Promise<void> {
  const content = pattern(3 * mebibyte + 5);
  const damaged = content.slice();
  damaged[100]! ^= 1;
  const requested: string[] = [];
  let sent = content;
  const controller = new AbortController();
  const fetch = await hubOf(content, (range, signal) => {
    requested.push(range);
    return parts(sent, Number(/=(\d+)-/.exec(range)![1]), signal);
  });
  const open = (offline = false) =>
    hub("org/model", { endpoint: "https://hub.test", fetch, cache: store, offline });
  const progress: number[] = [];
  const first = failure(() =>
    open().download!([shard], {
      signal: controller.signal,
      onProgress: ({ loadedBytes }) => {
        progress.push(loadedBytes);
        if (loadedBytes >= 2 * mebibyte) controller.abort();
      },
    }),
  );
  equal(((await first) as Error & { code?: string }).code, "aborted", "the first download");
  equal(await open().download!([shard]), true, "the second download");
  const start = Number(/=(\d+)-/.exec(requested[1]!)![1]);
  equal([requested.length, start >= 2 * mebibyte], [2, true], `requests ${requested}`);
  const file = await open(true).open(shard);
  same(await file.read(0, file.size), content, "the file");
  await store.delete((await store.list()).find((name) => /sha256-[0-9a-f]+$/.test(name))!);
  sent = damaged;
  equal(
    (await failure(() => open().download!([shard]))).message.includes("checksum"),
    true,
    "a damaged file",
  );
  equal((await failure(() => open(true).open(shard))).message.includes("no intact"), true, "then offline");
}

/** A `fetch` for a hub that has one model with one large file. */
async function hubOf(
  content: Uint8Array<ArrayBuffer>,
  body: (range: string, signal: AbortSignal | null | undefined) => ReadableStream<Uint8Array>,
): Promise<typeof globalThis.fetch> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", content));
  const sha256 = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const siblings = [{ rfilename: shard, size: content.length, lfs: { sha256 } }];
  return async (input, init) => {
    const { pathname } = new URL(String(input));
    if (pathname.startsWith("/api/")) return Response.json({ sha: commit, siblings });
    const range = new Headers(init?.headers).get("range")!;
    const start = Number(/=(\d+)-/.exec(range)![1]);
    const headers = { "content-range": `bytes ${start}-${content.length - 1}/${content.length}` };
    return new Response(body(range, init?.signal), { status: 206, headers });
  };
}

/** The bytes from `start` on, in small chunks, until the signal fires. */
function parts(
  content: Uint8Array,
  start: number,
  signal: AbortSignal | null | undefined,
): ReadableStream<Uint8Array> {
  let at = start;
  return new ReadableStream({
    pull(controller) {
      if (signal?.aborted) return controller.error(signal.reason);
      if (at >= content.length) return controller.close();
      controller.enqueue(content.slice(at, at + 300_000));
      at += 300_000;
    },
  });
}

function pattern(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + (i >>> 8) * 17 + (i >>> 16)) & 0xff);
}
const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

function same(found: Uint8Array, expected: Uint8Array, what: string): void {
  equal(found.length, expected.length, `length of ${what}`);
  const at = found.findIndex((byte, i) => byte !== expected[i]);
  equal(at, -1, `first difference in ${what}`);
}
