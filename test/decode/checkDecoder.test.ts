/** The check of a decoder's properties finds decoders that break a rule. */
import { expect, test } from "vitest";
import { type Decoder, decoder } from "../../src/core/decode/index.ts";
import { checkDecoder } from "../support/checkDecoder.ts";
import { maskToken } from "../support/decoderArbitraries.ts";

type Commit = Decoder["commit"];

function declared(commit: Commit, rest: Partial<Decoder> = {}): Decoder {
  return { ...decoder({ name: "own", help: "Belongs to a test.", parameters: {}, commit }), ...rest };
}

const leftmost: Commit = ({ open, token }, _, out) => out.commit(open[0]!, token[open[0]!]!);

test("a decoder that keeps the rules passes", () => {
  checkDecoder(declared(leftmost));
});

test("a decoder with idle steps passes with a bound that includes them", () => {
  const commit: Commit = (view, ...rest) => view.step % 2 === 1 && leftmost(view, ...rest);
  const idle = declared(commit, { transferCount: ({ step }) => step % 2 });
  checkDecoder(idle, { maxSteps: (_, open) => 2 * open });
  expect(() => checkDecoder(idle)).toThrow("The block is not complete after");
});

/** Counts calls over all blocks, which a decoder must not do. */
let calls = 0;

test.each<[string, Decoder, string]>([
  ["commits nothing", declared(() => {}), "committed nothing"],
  [
    "commits decided positions",
    declared(({ length }, _, out) => {
      for (let offset = 0; offset < length; offset++) out.commit(offset, 0, 1);
    }),
    "committed offset",
  ],
  [
    "commits a position outside the block",
    declared(({ length }, _, out) => out.commit(length, 0, 1)),
    "committed offset",
  ],
  [
    "commits a position twice",
    declared((...all) => {
      leftmost(...all);
      leftmost(...all);
    }),
    "committed offset",
  ],
  [
    "commits the mask token",
    declared(({ open }, _, out) => out.commit(open[0]!, maskToken)),
    "wrote the mask token",
  ],
  [
    "edits without the need 'known'",
    declared((view, parameters, out, state) => {
      leftmost(view, parameters, out, state);
      for (const offset of view.known) out.edit(offset, 0, 1);
    }),
    "edited offset",
  ],
  [
    "reads a statistic that it does not need",
    declared(({ open, token, divergence }, _, out) =>
      out.commit(open[0]!, token[open[0]!]!, divergence[open[0]!]!),
    ),
    "gave confidence NaN",
  ],
  ["departs from its schedule", declared(leftmost, { transferCount: () => 2 }), "did not commit 2"],
  [
    "has a schedule without end",
    declared(() => {}, { transferCount: () => 0 }),
    "The block is not complete after",
  ],
  [
    "has a random generator of its own",
    declared(({ open, token }, _, out) => {
      const offset = open[Math.floor(Math.random() * open.length)]!;
      out.commit(offset, token[offset]!);
    }),
    "must be decoded alike each time",
  ],
  [
    "shares state between blocks",
    declared(({ open, token }, _, out) => {
      const offset = open[calls++ % open.length]!;
      out.commit(offset, token[offset]!);
    }),
    "must be decoded alike each time",
  ],
])("a decoder that %s fails", (_, broken, message) => {
  expect(() => checkDecoder(broken)).toThrow(message);
});
