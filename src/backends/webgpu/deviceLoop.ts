/**
 * The decode loop on the device: one submission of several steps, each a forward pass whose last kernels commit. The host
 * writes the state of each row before, and reads the report behind.
 */
import type { DeviceReport } from "../../core/tensor/index.ts";
import { constants } from "../layout/index.ts";
import {
  deviceDecoders,
  edits,
  fitsMemory,
  gatheredTokens,
  gathers,
  parameterWords,
} from "./deviceDecoders.ts";
import { deviceControl } from "./layout/control.ts";
import { type PassCounts, writeDescriptor } from "./layout/descriptor.ts";
import { descriptorBytes, maxSteps } from "./layout/limits.ts";
import { fitsLogprobs, placeLogprobs, readLogprobs } from "./layout/logprobs.ts";
import { readReport, reportPlaces } from "./layout/report.ts";
import type { DecisionWords } from "./layout/requests.ts";
import type { Readback } from "./memory/readback.ts";
import type { Prepared } from "./prepared.ts";
import type { LoopRow, LoopStep } from "./singleBlockLoop.ts";

export class WebgpuLoop {
  readonly #ready: () => Prepared;
  readonly #device: GPUDevice;
  readonly #readback: Readback;
  readonly #throwPendingError: () => void;

  /** @param throwPendingError throws the error that the device reported since the last call, if there is one */
  constructor(device: GPUDevice, readback: Readback, ready: () => Prepared, throwPendingError: () => void) {
    this.#device = device;
    this.#readback = readback;
    this.#ready = ready;
    this.#throwPendingError = throwPendingError;
  }

  decides(decoder: string, blockLength: number, top: number | undefined): boolean {
    if (top !== undefined && !fitsLogprobs(blockLength, maxSteps, top)) return false;
    const known = deviceDecoders.get(decoder);
    return known !== undefined && fitsMemory(known, blockLength);
  }

  async run(steps: readonly LoopStep[], rows: readonly LoopRow[]): Promise<readonly DeviceReport[]> {
    const prepared = this.#ready();
    const { queue } = this.#device;
    const decoders = rows.map(({ decoder }) => deviceDecoders.get(decoder)!);
    const places = reportPlaces(rows, steps.length, decoders.map(edits));
    queue.writeBuffer(prepared.control, 0, deviceControl(rows));
    for (const { slots, editable } of rows)
      for (const slot of slots) prepared.slots.markEditable(slot, editable);

    const { words, tables } = prepared;
    tables.clear();
    const first = rows.map((_, row) => firstRequest(steps, row));
    const tops = first.map((own) => own?.top);
    const logprobs = placeLogprobs(rows, steps.length, tops);
    const counts = steps.map((step, index): PassCounts => {
      const decisions = step.decisions.map(({ row, parameters, softEmbeddingWeight = 0 }): DecisionWords => {
        const { start, end, step: before, openAtStart } = rows[row]!;
        const decoder = decoders[row]!;
        const taken = before + index - first[row]!.step;
        return {
          row,
          blockStart: start,
          blockEnd: end,
          decoder: decoder.number,
          parameters: parameterWords(decoder, parameters, { step: taken, openAtStart }),
          edits: edits(decoder),
          gathers: gathers(decoder),
          softEmbeddingWeight,
          stepIndex: index,
          reportAt: places[row]!.at,
          logprobsAt: logprobs.places[row]?.at ?? 0,
        };
      });
      return writeDescriptor(step, words, index * constants.descriptorWords, {
        base: (slot) => prepared.slots.base(slot),
        tileQueries: prepared.tileQueries,
        tables,
        rowOfSpan: rowsOfSpans(step, rows),
        decisions,
        device: {
          decoders: new Set(decisions.map(({ decoder }) => decoder)),
          gatheredTokens: Math.max(
            0,
            ...step.decisions.map(({ row }) => gatheredTokens(decoders[row]!, rows[row]!.step + index)),
          ),
        },
      });
    });
    queue.writeBuffer(prepared.steps, 0, words, 0, steps.length * constants.descriptorWords);
    if (tables.used > 0) queue.writeBuffer(prepared.state.forbidden, 0, tables.words, 0, tables.used);
    await prepared.step.compileMissing(counts);

    const encoder = this.#device.createCommandEncoder();
    counts.forEach((each, index) => {
      prepared.step.record(encoder, each, { ...prepared, stepOffset: index * descriptorBytes });
    });
    const last = places.at(-1)!;
    const reportEnd = last.at + last.words;
    // Log-probabilities are rarely wanted: the first submission that reads them makes room.
    await this.#readback.reserve(4 * (reportEnd + logprobs.words));
    const bytes = this.#readback.record(encoder, [
      { buffer: prepared.state.report, offset: 0, bytes: 4 * reportEnd },
      { buffer: prepared.state.logprobs, offset: 0, bytes: 4 * logprobs.words },
    ]);
    prepared.profiler?.resolve(encoder);
    queue.submit([encoder.finish()]);
    const mapped = await this.#readback.map(bytes);
    await prepared.profiler?.collect();
    this.#throwPendingError();
    // A row without decisions has no report.
    const logprobWords = mapped.subarray(reportEnd);
    return rows.map((row, index) => {
      const own = first[index];
      if (!own) return { steps: [] };
      const place = logprobs.places[index];
      const options = {
        first: own.step,
        edits: edits(decoders[index]!),
        logprobs:
          place && ((step: number, offset: number) => readLogprobs(logprobWords, place, step, offset)),
      };
      return readReport(mapped, places[index]!, row, options);
    });
  }
}

/** The first step that decides for a row, and the best tokens that the row wants, if any. */
interface FirstRequest {
  readonly step: number;
  readonly top: number | undefined;
}

function firstRequest(steps: readonly LoopStep[], row: number): FirstRequest | undefined {
  const step = steps.findIndex(({ decisions }) => decisions.some((each) => each.row === row));
  if (step < 0) return undefined;
  const { decisions, head } = steps[step]!;
  return { step, top: head[decisions.findIndex((each) => each.row === row)]!.top };
}

/** By span: the row that its slot belongs to. */
function rowsOfSpans({ spans }: LoopStep, rows: readonly LoopRow[]): readonly number[] {
  const owner = new Map(rows.flatMap(({ slots }, row) => slots.map((slot) => [slot, row] as const)));
  return spans.map(({ slot }) => owner.get(slot)!);
}
