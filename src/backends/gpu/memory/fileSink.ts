/** Weights that go from a local file to the device as they are stored. */
import type { FileSink } from "../../../core/weights/localFiles.ts";
import type { ComputeDevice } from "../device.ts";
import type { DeviceWeight } from "../deviceWeight.ts";
import { areAsStored, rowRanges } from "./weightRows.ts";

/** @returns undefined for a device that reads no files */
export function fileSink(
  device: ComputeDevice,
  weightOf: (symbol: string) => DeviceWeight,
): FileSink | undefined {
  if (!device.loadFile) return undefined;
  return {
    takes: ({ entry: { symbol, shape }, dtype, view }) =>
      view === undefined &&
      dtype === weightOf(symbol).dtype &&
      (shape.length === 1 || areAsStored(dtype, shape.at(-1)!)),
    load: (path, slices, options) => {
      const ranges = slices.flatMap(({ slice, offset }) => {
        const weight = weightOf(slice.entry.symbol);
        if (slice.entry.shape.length === 1) {
          const { buffer } = weight.shards[0]!;
          return [{ offset, to: { buffer, offset: 4 * slice.element, bytes: slice.bytes } }];
        }
        return rowRanges(weight, slice, slice.bytes).map(({ at, to }) => ({ offset: offset + at, to }));
      });
      return device.loadFile!(path, ranges, options);
    },
  };
}
