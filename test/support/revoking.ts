/** Decoders that revoke, for tests of the engine: they decide by the step and the offsets alone. */
import { type Decoder, decoder } from "../../src/core/decode/index.ts";

const about = { help: "", source: "", parameters: {}, needs: ["known"] } as const;

/** Commits the first three open offsets, and revokes the first known one every other step. */
export const forgetful: Decoder = decoder({
  ...about,
  name: "forgetful",
  commit: ({ open, known, token, step }, _, out) => {
    for (const offset of open.slice(0, 3)) out.commit(offset, token[offset]!);
    if (step % 2 === 1 && known.length > 0) out.revoke(known[step % known.length]!);
  },
});

/** Revokes in each step what it committed in the step before. */
export const sisyphus: Decoder = decoder({
  ...about,
  name: "sisyphus",
  commit: ({ open, known, token }, _, out) => {
    out.commit(open[0]!, token[open[0]!]!);
    if (known.length > 0) out.revoke(known[0]!);
  },
});

/** Edits and revokes the same offset. */
export const undecidedOfAll: Decoder = decoder({
  ...about,
  name: "undecidedOfAll",
  commit: ({ open, known, token }, _, out) => {
    out.commit(open[0]!, token[open[0]!]!);
    if (known.length === 0) return;
    out.edit(known[0]!, token[known[0]!]!);
    out.revoke(known[0]!);
  },
});

/** Revokes a position that the prompt gave, or does so without the need for known positions. */
export const presumptuous: Decoder = decoder({
  ...about,
  needs: [],
  name: "presumptuous",
  commit: ({ open, token, length }, _, out) => {
    out.commit(open[0]!, token[open[0]!]!);
    if (open.length < length) out.revoke(open[0]! === 0 ? 1 : 0);
  },
});
