/**
 * The WebGPU backend: a Plan becomes a list of dispatches with pipelines and bind groups made once. A step writes its
 * descriptor, records one compute pass, and reads back what the host wants to know: no object is made in it.
 */
import { bug, DiffusionError } from "../../core/error.ts";
import {
  type Backend,
  type BackendFactory,
  type DeviceLoop,
  dtypeBytes,
  type HeadRequest,
  type LoadOptions,
  type Misfit,
  type ModelPlans,
  type RowStatistics,
  type SlotChange,
  type SlotId,
  type SlotRange,
  type Step,
  type WeightEntry,
} from "../../core/tensor/index.ts";
import { toF32 } from "../../core/weights/convert.ts";
import {
  describe,
  descriptorWords,
  floatBits,
  headerWords,
  listRows,
  maximumSpans,
  type PassCounts,
  requestWords,
  softenWord,
  spanWords,
} from "./descriptor.ts";
import { type OpenDevice, openDevice, type WebgpuOptions } from "./device.ts";
import { WebgpuLoop } from "./deviceLoop.ts";
import { pairsOf } from "./hostRequests.ts";
import { DeviceMemory } from "./memory.ts";
import { misfitsOf } from "./misfits.ts";
import { type Prepared, prepare } from "./prepared.ts";
import type { OpTime } from "./profiler.ts";
import { Readback } from "./readback.ts";
import { selfTested } from "./selfTest.ts";
import { readAnswers, readStatistics, statisticsBytes } from "./statisticsLayout.ts";
import { DeviceWeights } from "./weights.ts";

/** The state of the batch where the host decides: there is work. */
const hostDecides = Uint32Array.of(1);

class WebgpuBackend implements Backend {
  readonly name = "webgpu";
  readonly device: string;
  readonly limits: Backend["limits"];
  readonly lost: Promise<Error>;
  readonly #open: OpenDevice;
  readonly #weights: DeviceWeights;
  readonly #memory: DeviceMemory;
  readonly #readback: Readback;
  #prepared: Prepared | undefined;
  #lostError: Error | undefined;
  #disposed = false;
  /** What the device refused without being asked; told at the next step. */
  #uncaptured: string | undefined;
  readonly #onUncaptured = (event: GPUUncapturedErrorEvent) => {
    this.#uncaptured ??= event.error.message;
  };
  readonly loop: DeviceLoop;
  readonly #profile: boolean;
  #last: { readonly step: Step; readonly counts: PassCounts } | undefined;

  constructor(open: OpenDevice, options: WebgpuOptions) {
    const { device, capabilities, description } = open;
    const bindingBytes = Math.min(capabilities.bindingBytes, options.maximumBindingBytes ?? Infinity);
    this.#open = open;
    this.#profile = options.profile ?? false;
    this.device = description;
    this.limits = { maximumBindingBytes: bindingBytes, maximumSpans, keepsStoredTypes: true };
    this.#weights = new DeviceWeights(device, bindingBytes);
    this.#memory = new DeviceMemory(device, capabilities.bindingBytes);
    this.#readback = new Readback(device, () => this.#lostError);
    this.loop = new WebgpuLoop(
      device,
      this.#readback,
      () => this.#ready(),
      () => this.#complain(),
    );
    this.lost = new Promise((resolve) => {
      device.lost.then(({ message, reason }) => {
        if (this.#disposed) return;
        this.#lostError = new DiffusionError("device-lost", `The device was lost: ${message || reason}`);
        resolve(this.#lostError);
      });
    });
    device.addEventListener("uncapturederror", this.#onUncaptured);
  }

  misfits(plans: ModelPlans): readonly Misfit[] {
    return misfitsOf(plans, this.#open.capabilities, this.limits.maximumBindingBytes);
  }

  async load(entries: readonly WeightEntry[], options: LoadOptions = {}): Promise<void> {
    await this.#guard(() => this.#weights.load(entries, options));
  }

  async prepare(plans: ModelPlans): Promise<void> {
    await this.#guard(async () => {
      this.#prepared = await prepare(this.#open, this.#memory, this.#weights, plans, this.#profile);
      const { statistics, gathered, candidates, report } = this.#prepared.state;
      await this.#readback.reserve(Math.max(statistics.size + gathered.size + candidates.size, report.size));
    });
  }

  async openSlot(range: SlotRange): Promise<void> {
    this.#ready().slots.open(range);
  }

  async closeSlot(slot: SlotId): Promise<void> {
    this.#prepared?.slots.close(slot);
  }

  async copyCache(from: SlotId, to: SlotId, start: number, end: number): Promise<void> {
    const { slots, sizes, state, caches } = this.#ready();
    const encoder = this.#open.device.createCommandEncoder();
    // A buffer cannot be copied onto itself, so the range passes through the workspace, a piece at a time.
    const room = state.workspace.size;
    for (const cache of caches.map((name) => this.#memory.named(name).buffer)) {
      const width = cache.size / sizes.positions;
      const bytes = (end - start) * width;
      for (let at = 0; at < bytes; at += room) {
        const count = Math.min(room, bytes - at);
        encoder.copyBufferToBuffer(cache, (slots.base(from) + start) * width + at, state.workspace, 0, count);
        encoder.copyBufferToBuffer(state.workspace, 0, cache, (slots.base(to) + start) * width + at, count);
      }
    }
    this.#open.device.queue.submit([encoder.finish()]);
  }

  async submit(step: Step): Promise<readonly RowStatistics[]> {
    const prepared = this.#ready();
    const { device } = this.#open;
    const counts = this.#describe(prepared, step);
    await prepared.step.missing([counts]);
    const encoder = device.createCommandEncoder();
    prepared.step.record(encoder, counts, { ...prepared, stepOffset: 0 });
    this.#last = { step, counts };
    const { statistics, gathered, candidates } = prepared.state;
    const bytes = this.#readback.record(encoder, [
      { buffer: statistics, offset: 0, bytes: counts.rows * statisticsBytes },
      { buffer: gathered, offset: 0, bytes: 4 * counts.pairs },
      { buffer: candidates, offset: 0, bytes: 4 * counts.rows * counts.candidateWords },
    ]);
    prepared.profiler?.resolve(encoder);
    device.queue.submit([encoder.finish()]);
    await prepared.profiler?.collect();
    if (bytes === 0) return step.head.map(() => readStatistics(new Uint32Array(0), 0, 0, false));
    const words = await this.#readback.map(bytes);
    this.#complain();
    const answers = readAnswers(step.head, words, counts);
    if (!step.head.some(({ logits }) => logits)) return answers;
    const logits = await this.#logits(prepared, step.head, counts);
    return answers.map((answer, index) => ({ ...answer, logits: logits[index] }));
  }

  async commit(changes: readonly SlotChange[]): Promise<void> {
    const prepared = this.#ready();
    const { device } = this.#open;
    for (const { slot, positions, tokens } of changes) prepared.slots.write(slot, positions, tokens);
    const softened = changes.filter(({ soften }) => soften && soften.rows.length > 0);
    if (softened.length === 0) return;
    const last = this.#last;
    if (!last) throw bug("Positions are to be softened before any pass");
    const requestsAt = headerWords + last.step.spans.length * spanWords;
    for (const { slot, soften } of softened) {
      const { request, rows, weight } = soften!;
      const word = requestsAt + request * requestWords + softenWord;
      device.queue.writeBuffer(prepared.steps, 4 * word, Uint32Array.of(floatBits(weight)));
      const { positions } = last.step.head[request]!;
      prepared.slots.soften(
        slot,
        rows.map((row) => positions[row]!),
      );
    }
    await prepared.soften.missing([last.counts]);
    const encoder = device.createCommandEncoder();
    prepared.soften.record(encoder, last.counts, { groups: prepared.groups, stepOffset: 0 });
    device.queue.submit([encoder.finish()]);
  }

  /** Time by op of all steps so far; empty unless it was asked for. */
  get times(): readonly OpTime[] {
    return this.#prepared?.profiler?.times ?? [];
  }

  async read(name: string): Promise<Float32Array> {
    const { buffer, dtype } = this.#memory.named(name);
    await this.#readback.reserve(buffer.size);
    const encoder = this.#open.device.createCommandEncoder();
    const bytes = this.#readback.record(encoder, [{ buffer, offset: 0, bytes: buffer.size }]);
    this.#open.device.queue.submit([encoder.finish()]);
    const words = await this.#readback.map(bytes);
    const values = new Float32Array(buffer.size / dtypeBytes(dtype));
    toF32(new Uint8Array(words.buffer, 0, buffer.size), dtype, values);
    return values;
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    if (this.#prepared) {
      const { profiler, step, soften, logits } = this.#prepared;
      profiler?.dispose();
      for (const program of [step, soften, ...logits.map((chunk) => chunk.program)]) program.dispose();
    }
    this.#prepared = undefined;
    this.#weights.dispose();
    this.#memory.dispose();
    this.#readback.dispose();
    this.#open.device.removeEventListener("uncapturederror", this.#onUncaptured);
    if (this.#open.owned) this.#open.device.destroy();
  }

  /** Writes what the kernels of a step read. */
  #describe(prepared: Prepared, step: Step): PassCounts {
    const { words, rowWords, slots, tileQueries, state, sizes, tables } = prepared;
    const { queue } = this.#open.device;
    if (step.spans.length > maximumSpans || step.head.length > maximumSpans) {
      throw bug(
        `A step has ${step.spans.length} spans and ${step.head.length} head requests: at most ${maximumSpans}`,
      );
    }
    tables.clear();
    const counts = describe(step, words, 0, { base: (slot) => slots.base(slot), tileQueries, tables });
    queue.writeBuffer(prepared.control, 0, hostDecides);
    queue.writeBuffer(prepared.steps, 0, words, 0, descriptorWords(step.spans.length, step.head.length));
    if (counts.rows === 0) return counts;
    listRows(step, rowWords);
    queue.writeBuffer(state.rows, 0, rowWords, 0, 4 * counts.rows);
    if (counts.pairs > 0) queue.writeBuffer(state.pairs, 0, pairsOf(step.head, counts.pairs, sizes.pairs));
    if (tables.used > 0) queue.writeBuffer(state.forbidden, 0, tables.words, 0, tables.used);
    return counts;
  }

  /** All logits of the rows of the last pass, for the requests that want them; chunk by chunk. */
  async #logits(
    prepared: Prepared,
    head: readonly HeadRequest[],
    counts: PassCounts,
  ): Promise<(Float32Array | undefined)[]> {
    const { vocabulary, state } = prepared;
    const all = new Float32Array(counts.rows * vocabulary);
    for (const { first, limit, program } of prepared.logits) {
      const rows = Math.min(counts.rows, limit) - first;
      if (rows <= 0) break;
      const encoder = this.#open.device.createCommandEncoder();
      program.record(encoder, counts, { groups: prepared.groups, stepOffset: 0 });
      await this.#readback.reserve(4 * rows * vocabulary);
      const bytes = this.#readback.record(encoder, [
        { buffer: state.logits, offset: 0, bytes: 4 * rows * vocabulary },
      ]);
      this.#open.device.queue.submit([encoder.finish()]);
      all.set(new Float32Array((await this.#readback.map(bytes)).buffer), first * vocabulary);
    }
    let row = 0;
    return head.map(({ positions, logits }) => {
      const own = logits ? all.slice(row * vocabulary, (row + positions.length) * vocabulary) : undefined;
      row += positions.length;
      return own;
    });
  }

  #ready(): Prepared {
    if (this.#lostError) throw this.#lostError;
    if (this.#disposed || !this.#prepared) {
      throw new DiffusionError("disposed", "Cannot use the backend as it is disposed, or has no Plans yet");
    }
    return this.#prepared;
  }

  /** Throws what the device reported since the last time. */
  #complain(): void {
    if (this.#uncaptured === undefined) return;
    const message = this.#uncaptured;
    this.#uncaptured = undefined;
    throw bug(`The device refused a command: ${message}`);
  }

  /** Runs something long; a loss of the device while it runs is the reason for its failure. */
  async #guard(run: () => Promise<void>): Promise<void> {
    if (this.#lostError) throw this.#lostError;
    try {
      await run();
    } catch (error) {
      throw this.#lostError ?? error;
    }
    if (this.#lostError) throw this.#lostError;
    this.#complain();
  }
}

/**
 * A factory of WebGPU backends.
 * @throws DiffusionError (the factory) `unsupported` without a fitting adapter or where the device computes a known answer
 *   wrong, `device-lost` for a lost device
 */
export function webgpu(options: WebgpuOptions = {}): BackendFactory {
  return async () => {
    const open = await openDevice(options);
    if (options.selfTest === false) return new WebgpuBackend(open, options);
    try {
      const tested = await selfTested(open, (candidate) => new WebgpuBackend(candidate, {}));
      return new WebgpuBackend(tested, options);
    } catch (error) {
      if (open.owned) open.device.destroy();
      throw error;
    }
  };
}
