import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { hasher, portableHasher } from "./checksum.ts";

const encoder = new TextEncoder();

test("the git checksum is the one that git computes", () => {
  // printf 'hello\n' | git hash-object --stdin
  const hash = hasher("git", 6);
  hash.update(encoder.encode("hel"));
  hash.update(encoder.encode("lo\n"));
  expect(hash.hex()).toBe("ce013625030ba8dba906f756967f9e9ca394464a");
});

test.each(["sha256", "sha1"] as const)(
  "%s in JavaScript, in pieces, equals the runtime's own",
  (algorithm) => {
    const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 7) ^ (i >> 8));
    const hash = portableHasher(algorithm);
    for (const [start, end] of [
      [0, 1],
      [1, 70_000],
      [70_000, 100_000],
    ]) {
      hash.update(bytes.subarray(start, end));
    }
    expect(hash.hex()).toBe(createHash(algorithm).update(bytes).digest("hex"));
  },
);
