/**
 * The decode loop on the device: a submission of several steps, each of which begins with a kernel that chooses the rows'
 * passes and ends with kernels that commit. The rows' states stay on the device from one submission to the next, so that
 * another submission can be under way while the report of the last is read.
 */
import { bug } from "../../core/error.ts";
import type {
  DeviceLoop,
  DeviceReport,
  DeviceRow,
  DeviceSubmission,
  DeviceTicket,
} from "../../core/tensor/index.ts";
import { rowStateLayout } from "../layout/index.ts";
import type { ComputeDevice, Reading } from "./device.ts";
import { type DeviceDecoder, edits, fitsMemory } from "./deviceDecoders.ts";
import { descriptorBytes, maxBlocks, maxSteps, maxSubmissions } from "./layout/limits.ts";
import { fitsLogprobs, placeLogprobs, readLogprobs } from "./layout/logprobs.ts";
import { passBounds } from "./layout/passBounds.ts";
import { readReport, reportWords } from "./layout/report.ts";
import { type PlacedRow, writeSubmission } from "./layout/submission.ts";
import type { Prepared } from "./prepared.ts";
import { RowStates } from "./rowStates.ts";

/** The rows of a submission, and the words that are read back for them: row states, report, log-probabilities. */
interface Placed {
  readonly rows: readonly PlacedRow[];
  readonly stateWords: number;
  readonly reportWords: number;
  readonly logprobWords: number;
}

interface UnderWay extends Placed {
  readonly reading: Reading;
}

export interface GpuLoopOptions {
  readonly device: ComputeDevice;
  readonly decoders: ReadonlyMap<string, DeviceDecoder>;
  ready(): Prepared;
}

export class GpuLoop implements DeviceLoop {
  readonly preferred = true;
  readonly maxPasses = maxSteps;
  readonly maxBlocks = maxBlocks;
  readonly maxSubmissions: number;
  readonly #options: GpuLoopOptions;
  readonly #states = new RowStates();
  readonly #underWay = new Map<DeviceTicket, UnderWay>();
  #tickets = 0;

  constructor(options: GpuLoopOptions) {
    this.#options = options;
    this.maxSubmissions = options.device.profiles ? 1 : maxSubmissions;
  }

  decides(decoder: string, blockLength: number, top: number | undefined): boolean {
    if (top !== undefined && !fitsLogprobs(blockLength, maxSteps, top)) return false;
    const known = this.#options.decoders.get(decoder);
    return known !== undefined && fitsMemory(known, blockLength);
  }

  async submit({ passes, rows }: DeviceSubmission): Promise<DeviceTicket> {
    const placed = this.#place(rows, passes);
    try {
      const reading = await this.#start(placed, passes);
      this.#underWay.set(++this.#tickets, { ...placed, reading });
    } catch (error) {
      for (const row of rows) this.#states.release(row);
      throw error;
    }
    return this.#tickets;
  }

  async report(ticket: DeviceTicket): Promise<readonly DeviceReport[]> {
    const underWay = this.#underWay.get(ticket);
    if (!underWay) throw bug(`Submission ${ticket} does not exist, or its report was taken before`);
    this.#underWay.delete(ticket);
    const { rows, stateWords, reading } = underWay;
    for (const { row } of rows) this.#states.release(row);
    // Not before: some implementations wait here until the device is idle, and the device should have both submissions by then.
    const words = await reading.words();
    this.#options.device.throwPendingError();
    const entriesEnd = stateWords + underWay.reportWords;
    const report = {
      states: words.subarray(0, stateWords),
      entries: words.subarray(stateWords, entriesEnd),
    };
    const logprobWords = words.subarray(entriesEnd);
    return rows.map(({ row, state, reportAt, logprobs }) => {
      return readReport(report, {
        state,
        at: reportAt,
        logprobs: logprobs && ((step, position) => readLogprobs(logprobWords, logprobs, step, position, row)),
      });
    });
  }

  #place(rows: readonly DeviceRow[], passes: number): Placed {
    const logprobs = placeLogprobs(rows, passes);
    let reportAt = 0;
    const placed = rows.map((row, index): PlacedRow => {
      const decoder = this.#options.decoders.get(row.decoder)!;
      const { index: state, endStep } = this.#states.take(row, passes);
      const own = { row, decoder, state, endStep, reportAt, logprobs: logprobs.places[index] };
      reportAt += reportWords(row, passes, edits(decoder));
      return own;
    });
    const stateCount = 1 + Math.max(...placed.map(({ state }) => state));
    return {
      rows: placed,
      stateWords: rowStateLayout.words * stateCount,
      reportWords: reportAt,
      logprobWords: logprobs.words,
    };
  }

  async #start({ rows, stateWords, reportWords, logprobWords }: Placed, passes: number): Promise<Reading> {
    const { device, ready } = this.#options;
    const prepared = ready();
    const { state, step } = prepared;
    const counts = passBounds(rows, passes, prepared.tileQueries);
    await step.compileMissing(counts);
    const reading = await device.reserve(4 * (stateWords + reportWords + logprobWords));

    // From here on nothing waits: what is written for this submission must not mix with another's.
    const { tables, words } = prepared;
    tables.clear();
    const used = writeSubmission(rows, words, {
      candidateWords: Math.max(...counts.map(({ candidateWords }) => candidateWords)),
      base: (slot) => prepared.slots.base(slot),
      tables,
    });
    device.write(state.submission, 0, words.subarray(0, used));
    if (tables.used > 0) device.write(state.forbidden, 0, tables.words.subarray(0, tables.used));
    const commands = device.commands();
    counts.forEach((each, index) => {
      commands.run(step, each, index * descriptorBytes);
    });
    commands.read(reading, [
      { buffer: prepared.control, offset: 0, bytes: 4 * stateWords },
      { buffer: state.report, offset: 0, bytes: 4 * reportWords },
      { buffer: state.logprobs, offset: 0, bytes: 4 * logprobWords },
    ]);
    await commands.submit();
    return reading;
  }
}
