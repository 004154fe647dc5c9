/** What activations in bf16 change in one layer, on rows as models/tiny has them halfway through a generation. */
import { expect, test } from "vitest";
import { cpu } from "../../src/backends/cpu/index.ts";
import type { TraceFile } from "../suites/oracleFiles.ts";
import { filesOnDisk } from "../support/surroundings.ts";
import { embeddingRows, layersOf, runLayer } from "./layers.ts";
import { rowErrors } from "./rowErrors.ts";
import { backendIn } from "./surroundings.ts";

const maskToken = 1;

test.each(["f32", "f16"] as const)(
  "every row behind every layer is within a hundredth of f32; keys and values in %s",
  async (cacheDType) => {
    const { traces } = await filesOnDisk.json<TraceFile>("traces.json");
    const { x, request } = traces[0]!;
    const isOpen = (position: number) => position >= request.prompt.length && position % 3 > 0;
    const tokens = x.map((token, position) => (isOpen(position) ? maskToken : token));
    const model = await layersOf(filesOnDisk.tinyModel);
    const { hidden, feedForward } = model.architecture;
    let rows = await embeddingRows(model, tokens);
    for (const layer of feedForward.keys()) {
      const expected = await runLayer(model, layer, rows, { backend: cpu(), cacheDType: "f32" });
      const found = await runLayer(model, layer, rows, { backend: backendIn("bf16"), cacheDType });
      // Of what the layer adds to the residual stream, which is not rounded.
      const added = (behind: Float32Array) => behind.map((value, index) => value - rows[index]!);
      const errors = rowErrors(added(found), added(expected), hidden).toSorted((a, b) => a - b);
      expect(errors.at(-1)).toBeLessThan(1e-2);
      // A backend that computes in f32 in both modes would pass otherwise.
      expect(errors[0]).toBeGreaterThan(1e-4);
      rows = expected;
    }
  },
);
