import { expect, test } from "vitest";
import { gumbel, philox, RandomStream, uniform } from "./philox.ts";

// The known answers that the authors of Random123 publish for philox4x32-10.
test.each([
  [
    [0, 0, 0, 0],
    [0, 0],
    [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  ],
  [
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    [0xffffffff, 0xffffffff],
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  ],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0],
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  ],
])("philox of counter %j and key %j", (counter, key, expected) => {
  const out = new Uint32Array(4);
  philox(counter[0]!, counter[1]!, counter[2]!, counter[3]!, key[0]!, key[1]!, out);
  expect([...out]).toEqual(expected);
});

test("numbers depend on every part of key and counter, lie inside (0, 1), and are uniform", () => {
  const base = uniform(1, RandomStream.token, 2, 3, 4);
  expect(uniform(1, RandomStream.token, 2, 3, 4)).toBe(base);
  const others = [
    uniform(2, RandomStream.token, 2, 3, 4),
    uniform(1, RandomStream.order, 2, 3, 4),
    uniform(1, RandomStream.token, 3, 3, 4),
    uniform(1, RandomStream.token, 2, 4, 4),
    uniform(1, RandomStream.token, 2, 3, 5),
  ];
  expect(new Set([base, ...others]).size).toBe(6);
  const buckets = Array<number>(10).fill(0);
  for (let token = 0; token < 20000; token++) {
    const u = uniform(9, RandomStream.token, 0, 0, token);
    expect(u > 0 && u < 1).toBe(true);
    buckets[Math.floor(u * 10)]!++;
  }
  for (const count of buckets) expect(Math.abs(count - 2000)).toBeLessThan(200);
});

test("Gumbel noise has the mean of its distribution", () => {
  let sum = 0;
  for (let token = 0; token < 20000; token++) sum += gumbel(5, 1, 2, token);
  expect(sum / 20000).toBeCloseTo(0.5772, 1);
});
