/**
 * A backend on the host's own processor: slots, soft embeddings and the order of the ops. Memory and kernels are those of
 * its machine.
 */
import { DiffusionError } from "../../core/error.ts";
import {
  type Backend,
  emptyPassStatistics,
  type ForwardPass,
  type LimitExceeded,
  type ModelPlans,
  type PassStatistics,
  type SlotChange,
  type SlotId,
  type SlotRange,
  type WeightEntry,
  type WeightLoadOptions,
} from "../../core/tensor/index.ts";
import { HostDeviceLoop } from "./deviceLoop.ts";
import { yieldToEventLoop } from "./eventLoop.ts";
import type { Machine, PreparedPasses } from "./machine.ts";
import { OpTimes } from "./opTimes.ts";
import type { HostPass, HostSlot, PlacedSpan } from "./pass.ts";
import { SoftEmbeddings } from "./softEmbeddings.ts";

/** The rows of a head request among those of the last pass. */
interface MixtureRows {
  readonly first: number;
  readonly positions: readonly number[];
  readonly mask: number;
}

export class HostBackend implements Backend {
  readonly lost = new Promise<Error>(() => {});
  readonly loop = new HostDeviceLoop(this, (slot) => this.#slot(slot));
  readonly #machine: Machine;
  readonly #times = new OpTimes();
  readonly #slots = new Map<SlotId, HostSlot>();
  #prepared: PreparedPasses | undefined;
  #mixtureRows: readonly MixtureRows[] = [];
  #disposed = false;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  get name() {
    return this.#machine.name;
  }
  get device() {
    return this.#machine.device;
  }
  get limits() {
    return this.#machine.limits;
  }

  exceededLimits(plans: ModelPlans): readonly LimitExceeded[] {
    return this.#machine.exceededLimits?.(plans) ?? [];
  }

  async load(
    entries: readonly WeightEntry[],
    plans: ModelPlans,
    options: WeightLoadOptions = {},
  ): Promise<void> {
    await this.#machine.load(entries, plans, options);
  }

  async prepare(plans: ModelPlans): Promise<void> {
    this.#prepared = await this.#machine.prepare(plans);
  }

  async openSlot({ slot, base, length }: SlotRange): Promise<void> {
    this.#slots.set(slot, {
      base,
      tokens: new Uint32Array(length),
      undecided: new Uint8Array(length),
      soft: new SoftEmbeddings(),
      kept: new Map(),
    });
  }

  async closeSlot(slot: SlotId): Promise<void> {
    this.#slots.delete(slot);
    this.loop.close(slot);
  }

  async copyCache(from: SlotId, to: SlotId, start: number, end: number): Promise<void> {
    this.#machine.copyPositions(this.#slot(from).base + start, this.#slot(to).base + start, end - start);
  }

  async submit(step: ForwardPass): Promise<PassStatistics> {
    // A pass is one long synchronous computation, so timers, input and cancellation need a turn between passes.
    await yieldToEventLoop();
    const pass = this.#place(step);
    let ms = performance.now();
    for (const { op, run } of this.#prepared?.nodes ?? []) ms = this.#times.run(op, ms, () => run(pass));
    return pass.statistics;
  }

  /** Time by op of all passes so far. */
  get times(): NonNullable<Backend["times"]> {
    return this.#times.list;
  }

  async commit(changes: readonly SlotChange[]): Promise<void> {
    for (const { slot, positions, tokens, undecided = [], softEmbeddings } of changes) {
      const { tokens: all, undecided: bits, soft } = this.#slot(slot);
      positions.forEach((position, index) => {
        all[position] = tokens[index]!;
        bits[position] = 0;
        soft.delete(position);
      });
      for (const position of undecided) bits[position] = 1;
      if (softEmbeddings) this.#soften(soft, softEmbeddings);
    }
  }

  async read(name: string): Promise<Float32Array> {
    return this.#machine.read(name);
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    this.#prepared = undefined;
    this.#slots.clear();
    this.#machine.dispose();
  }

  /** Sets E[mask] + weight * mixture at the positions of some rows. */
  #soften(soft: SoftEmbeddings, { request, rows, weight }: NonNullable<SlotChange["softEmbeddings"]>): void {
    const { first, positions, mask } = this.#mixtureRows[request]!;
    const embedding = this.#prepared!.embedding(mask);
    for (const row of rows) {
      const vector = soft.vector(positions[row]!, embedding.length);
      const mixture = this.#prepared!.mixture(first + row);
      for (let k = 0; k < vector.length; k++) vector[k] = embedding[k]! + weight * mixture[k]!;
    }
  }

  #place(step: ForwardPass): HostPass {
    let tokens = 0;
    const spans = step.spans.map((span): PlacedSpan => {
      const placed = { ...span, memory: this.#slot(span.slot), row: tokens };
      tokens += span.end - span.start;
      return placed;
    });
    let rows = 0;
    this.#mixtureRows = step.head.map(({ positions, maskToken }) => {
      const first = rows;
      rows += positions.length;
      return { first, positions, mask: maskToken };
    });
    return { spans, tokens, head: step.head, rows, statistics: emptyPassStatistics(step.head) };
  }

  #slot(slot: SlotId): HostSlot {
    const known = this.#slots.get(slot);
    if (known) return known;
    const why = this.#disposed ? "the backend is disposed" : "it is not open";
    throw new DiffusionError("disposed", `Cannot use slot ${slot} as ${why}`);
  }
}
