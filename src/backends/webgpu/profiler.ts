/** Time by op, from timestamp queries. Each dispatch gets its own compute pass, which costs some time itself. */
import type { OpTime } from "../gpu/device.ts";
import { createBuffer } from "./buffer.ts";

/** Maximum queries of a submission: two for each dispatch. */
const queryCount = 4096;

export class Profiler {
  readonly #queries: GPUQuerySet;
  readonly #resolved: GPUBuffer;
  readonly #staging: GPUBuffer;
  readonly #totals = new Map<string, { dispatches: number; ns: number }>();
  /** Names of the dispatches recorded since the last submission. */
  #names: string[] = [];

  static async make(device: GPUDevice): Promise<Profiler> {
    const size = 8 * queryCount;
    const resolved = await createBuffer(device, { label: "query results", size, usage: 0x200 | 0x04 });
    const staging = await createBuffer(device, { label: "query staging", size, usage: 0x01 | 0x08 });
    return new Profiler(device.createQuerySet({ type: "timestamp", count: queryCount }), resolved, staging);
  }

  private constructor(queries: GPUQuerySet, resolved: GPUBuffer, staging: GPUBuffer) {
    this.#queries = queries;
    this.#resolved = resolved;
    this.#staging = staging;
  }

  /** The descriptor of the compute pass of the next dispatch. Dispatches beyond the maximum have no timestamps. */
  pass(name: string): GPUComputePassDescriptor {
    const index = this.#names.length;
    if (2 * index + 2 > queryCount) return {};
    this.#names.push(name);
    return {
      timestampWrites: {
        querySet: this.#queries,
        beginningOfPassWriteIndex: 2 * index,
        endOfPassWriteIndex: 2 * index + 1,
      },
    };
  }

  /** Records the copies of the times, after the passes. */
  resolve(encoder: GPUCommandEncoder): void {
    const count = 2 * this.#names.length;
    if (count === 0) return;
    encoder.resolveQuerySet(this.#queries, 0, count, this.#resolved, 0);
    encoder.copyBufferToBuffer(this.#resolved, 0, this.#staging, 0, 8 * count);
  }

  /** Waits for the submission and adds its times. */
  async collect(): Promise<void> {
    const names = this.#names;
    this.#names = [];
    if (names.length === 0) return;
    await this.#staging.mapAsync(1, 0, 16 * names.length);
    const times = new BigUint64Array(this.#staging.getMappedRange(0, 16 * names.length));
    names.forEach((name, index) => {
      const total = this.#totals.get(name) ?? { dispatches: 0, ns: 0 };
      total.dispatches++;
      total.ns += Number(times[2 * index + 1]! - times[2 * index]!);
      this.#totals.set(name, total);
    });
    this.#staging.unmap();
  }

  /** Times so far, the longest first. */
  get times(): readonly OpTime[] {
    return [...this.#totals]
      .map(([op, { dispatches, ns }]) => ({ op, dispatches, ms: ns / 1e6 }))
      .sort((a, b) => b.ms - a.ms);
  }

  dispose(): void {
    this.#queries.destroy();
    this.#resolved.destroy();
    this.#staging.destroy();
  }
}
