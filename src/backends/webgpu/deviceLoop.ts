/**
 * The loop on the device: several steps in one submission, each a pass whose last kernels commit. The host writes how
 * far each row is, and looks once, at what was committed.
 */
import type { DeviceReport } from "../../core/tensor/index.ts";
import { deviceDecoders, mostCredits, parameterWords } from "./deviceDecoders.ts";
import {
  type DecisionWords,
  describe,
  descriptorBytes,
  maxSteps,
  type PassCounts,
} from "./layout/descriptor.ts";
import { readReport, reportPlaces } from "./layout/report.ts";
import { fitsRing, readRing, ringPlaces } from "./layout/ring.ts";
import type { Readback } from "./memory/readback.ts";
import type { Prepared } from "./prepared.ts";
import type { LoopRow, LoopStep } from "./singleBlockLoop.ts";

const headerWords = 16;
const stateWords = 16;
/** Marks hold the submission's number in 26 bits. */
const epochs = 2 ** 26;

export class WebgpuLoop {
  readonly #ready: () => Prepared;
  readonly #device: GPUDevice;
  readonly #readback: Readback;
  readonly #complain: () => void;
  #epoch = 0;

  /** @param complain throws what the device refused since the last time */
  constructor(device: GPUDevice, readback: Readback, ready: () => Prepared, complain: () => void) {
    this.#device = device;
    this.#readback = readback;
    this.#ready = ready;
    this.#complain = complain;
  }

  decides(decoder: string, blockLength: number, top: number | undefined): boolean {
    if (top !== undefined && !fitsRing(blockLength, maxSteps, top)) return false;
    return deviceDecoders.has(decoder) && (decoder !== "credit" || blockLength <= mostCredits);
  }

  async run(steps: readonly LoopStep[], rows: readonly LoopRow[]): Promise<readonly DeviceReport[]> {
    const prepared = this.#ready();
    const { queue } = this.#device;
    this.#epoch = (this.#epoch % (epochs - 1)) + 1;
    const edits = (row: LoopRow) => deviceDecoders.get(row.decoder)!.known;
    const places = reportPlaces(rows, steps.length, edits);
    const control = controlWords(rows);
    queue.writeBuffer(prepared.control, 0, control);
    for (const { slots, editable } of rows)
      for (const slot of slots) prepared.slots.markEditable(slot, editable);

    const { words, tables } = prepared;
    tables.clear();
    const asked = rows.map((_, row) => firstRequest(steps, row));
    const tops = asked.map((own) => own?.top);
    const rings = ringPlaces(rows, steps.length, tops);
    const counts = steps.map((step, index): PassCounts => {
      const decisions = step.decisions.map(({ row, parameters, softEmbeddingWeight = 0 }): DecisionWords => {
        const { decoder, start, end, step: before, maskedAtStart } = rows[row]!;
        const taken = before + index - asked[row]!.step;
        const { number, known } = deviceDecoders.get(decoder)!;
        return {
          ...{ row, start, end, decoder: number, reportAt: places[row]!.at, epoch: this.#epoch },
          parameters: parameterWords(decoder, parameters, { step: taken, maskedAtStart }),
          ...{ soften: softEmbeddingWeight, step: index, known, ringAt: rings.places[row]?.at ?? 0 },
        };
      });
      return describe(step, words, (index * descriptorBytes) / 4, {
        base: (slot) => prepared.slots.base(slot),
        tileQueries: prepared.tileQueries,
        tables,
        rowOfSpan: rowsOfSpans(step, rows),
        decisions,
        device: {
          decoders: new Set(decisions.map(({ decoder }) => decoder)),
          credits: Math.max(0, ...step.decisions.map(({ row }) => rows[row]!.step + index)),
        },
      });
    });
    queue.writeBuffer(prepared.steps, 0, words, 0, (steps.length * descriptorBytes) / 4);
    if (tables.used > 0) queue.writeBuffer(prepared.state.forbidden, 0, tables.words, 0, tables.used);
    await prepared.step.missing(counts);

    const encoder = this.#device.createCommandEncoder();
    counts.forEach((each, index) => {
      prepared.step.record(encoder, each, { ...prepared, stepOffset: index * descriptorBytes });
    });
    const last = places.at(-1)!;
    const reportEnd = last.at + last.words;
    // The ring is rarely wanted, so room for it is made by the first submission that has one.
    await this.#readback.reserve(4 * (reportEnd + rings.words));
    const bytes = this.#readback.record(encoder, [
      { buffer: prepared.state.report, offset: 0, bytes: 4 * reportEnd },
      { buffer: prepared.state.ring, offset: 0, bytes: 4 * rings.words },
    ]);
    prepared.profiler?.resolve(encoder);
    queue.submit([encoder.finish()]);
    const mapped = await this.#readback.map(bytes);
    await prepared.profiler?.collect();
    this.#complain();
    // What the device has not decided at all left no header; the host knows which rows these are.
    const ring = mapped.subarray(reportEnd);
    return rows.map((row, index) => {
      const own = asked[index];
      if (!own) return { steps: [] };
      const place = rings.places[index];
      const logprobs = place && ((step: number, offset: number) => readRing(ring, place, step, offset));
      const options = { epoch: this.#epoch, first: own.step, edits: edits(row), logprobs };
      return readReport(mapped, places[index]!, row, options);
    });
  }
}

/** The first step in which a row has something to decide, and how many best tokens it wants, if any. */
interface AskedRow {
  readonly step: number;
  readonly top: number | undefined;
}

function firstRequest(steps: readonly LoopStep[], row: number): AskedRow | undefined {
  const step = steps.findIndex(({ decisions }) => decisions.some((each) => each.row === row));
  if (step < 0) return undefined;
  const { decisions, head } = steps[step]!;
  return { step, top: head[decisions.findIndex((each) => each.row === row)]!.top };
}

/** The state of each row as include/step.wgsl has it, behind a header that counts the rows. */
function controlWords(rows: readonly LoopRow[]): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(headerWords + rows.length * stateWords);
  words[0] = rows.length;
  rows.forEach(({ step, sequenceStep, maskedAtStart, postSteps }, index) => {
    words.set(
      [1, step, sequenceStep, maskedAtStart, 0, 0, 0, 0, postSteps],
      headerWords + index * stateWords,
    );
  });
  return words;
}

/** By span, the row that its slot belongs to. */
function rowsOfSpans({ spans }: LoopStep, rows: readonly LoopRow[]): readonly number[] {
  const owner = new Map(rows.flatMap(({ slots }, row) => slots.map((slot) => [slot, row] as const)));
  return spans.map(({ slot }) => owner.get(slot)!);
}
