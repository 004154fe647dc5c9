/**
 * Runs the sequences of an engine. Each turn admits requests, plans a batch of rows, runs the batch on the host's loop or
 * the device's, and reports; so requests join and leave between passes. After a device loss all sequences start over on
 * another device: what they decide depends on nothing but their requests.
 */
import { DiffusionError } from "../../error.ts";
import type { ResilientBackend } from "../backend/resilientBackend.ts";
import type { LostEvent } from "../events/events.ts";
import { decidesOnDevice, type LoopOptions } from "./decodeLoop.ts";
import { DeviceRuns } from "./deviceRuns.ts";
import type { EngineStatus } from "./engineStatus.ts";
import { type BackendJob, ExclusiveJob, type ExclusiveJobOptions } from "./exclusiveJob.ts";
import { type CountPasses, hostCostOf, type Row } from "./planPass.ts";
import { runPass } from "./runPass.ts";
import type { Schedulable } from "./schedulable.ts";
import { type BatchCost, Schedule } from "./schedule.ts";
import { cachedPrefixOf, isComputedBy } from "./sharing.ts";
import { Slots } from "./slots.ts";
import type { Task } from "./task.ts";

export interface SchedulerLimits {
  /** Positions of the K/V pool. */
  readonly positions: number;
  /** Tokens that one pass may hold, and of them those of prompts that are only encoded. */
  readonly tokens: number;
  readonly prefillTokens: number;
  readonly sharePrompts: boolean;
}

export class Scheduler {
  readonly #backend: ResilientBackend;
  readonly #limits: SchedulerLimits;
  readonly #options: LoopOptions;
  readonly #schedule: Schedule<Schedulable<Task>>;
  /** Tasks that have slots. */
  readonly #rows = new Map<Schedulable<Task>, Row>();
  #slots: Slots;
  #device: DeviceRuns | undefined;
  #running: Promise<void> | undefined;
  #failure: DiffusionError | undefined;
  #done = { passes: 0, rows: 0, passMs: 0 };

  constructor(backend: ResilientBackend, limits: SchedulerLimits, options: LoopOptions) {
    this.#backend = backend;
    this.#limits = limits;
    this.#options = options;
    this.#schedule = new Schedule(limits.positions);
    this.#slots = new Slots(backend.current);
    this.#device = this.#deviceRuns();
  }

  /**
   * Queues a task, whose events report the rest.
   * @throws DiffusionError `out-of-memory` if the task can never fit, `disposed` after `stop`, `device-lost` if there is
   *   no device any more, `unsupported` if the device must decide and cannot
   */
  add(task: Task): void {
    this.#requireRoom(task.admission.positions);
    this.#decidesOnDevice(task);
    this.#queue(task);
  }

  #requireRoom(positions: number): void {
    if (this.#failure) throw this.#failure;
    const most = Math.min(this.#limits.positions, this.#limits.tokens);
    if (positions <= most) return;
    const message = `Cannot run the request as its ${positions} positions exceed the ${most} that the engine was loaded with`;
    throw new DiffusionError("out-of-memory", message);
  }

  #queue(work: Schedulable<Task>): void {
    this.#schedule.add(work, work.admission);
    this.#wake();
  }

  #wake(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      // Work may have been queued while what failed was leaving.
      if (!this.#schedule.idle) this.#wake();
    });
  }

  get status(): EngineStatus {
    return {
      waiting: this.#schedule.waitingCount,
      active: this.#schedule.activeCount,
      usedPositions: this.#limits.positions - this.#schedule.free,
      ...this.#done,
    };
  }

  readonly #count: CountPasses = (passes, rowPasses, ms) => {
    const { passes: before, rows, passMs } = this.#done;
    this.#done = { passes: before + passes, rows: rows + rowPasses, passMs: passMs + ms };
  };

  /**
   * Runs a job between passes, with a slot of its own, once there is room; once more if the device is lost meanwhile.
   * @throws DiffusionError as `add` does
   */
  async runExclusive<T>(length: number, job: BackendJob<T>, options?: ExclusiveJobOptions): Promise<T> {
    this.#requireRoom(length);
    const exclusive = new ExclusiveJob(length, job, options);
    this.#queue(exclusive);
    return exclusive.result;
  }

  /** Fails all work that waits or runs, and resolves once nothing runs any more. */
  async stop(reason: DiffusionError): Promise<void> {
    this.#failure ??= reason;
    this.#backend.stop();
    await this.#running;
  }

  async #run(): Promise<void> {
    // Requests that come together start together.
    await Promise.resolve();
    try {
      while (!this.#schedule.idle) {
        if (this.#failure) throw this.#failure;
        if (this.#backend.lost) await this.#recover();
        await this.#turn().catch((error: unknown) => {
          if (!this.#backend.isDeviceLost(error)) throw error;
        });
      }
    } catch (error) {
      // The backend or the scheduler itself failed: no sequence can be trusted to go on.
      const all = [...this.#schedule.waiting, ...this.#schedule.active];
      for (const work of all) work.fail(error);
      this.#device = this.#deviceRuns();
      await this.#remove(all).catch(() => {});
    }
  }

  /** Schedule, plan and run, report. */
  async #turn(): Promise<void> {
    const now = performance.now();
    for (const work of this.#schedule.expired(now)) work.expire(now);
    await this.#removeEnded();
    await this.#admit(now);
    if (this.#limits.sharePrompts) await this.#copyPrefixes();
    const served = await this.#runBatch();
    await this.#removeEnded();
    if (served.some(({ task }) => !task.replaying)) this.#backend.markHealthy();
  }

  /** Removes tasks that ended or were abandoned, and moves those that outgrew their slots, once no submission holds them. */
  async #removeEnded(): Promise<void> {
    await this.#remove(this.#schedule.waiting.filter(({ abandoned }) => abandoned));
    const free = [...this.#rows.values()].filter((row) => !this.#device?.holds(row));
    await this.#remove(free.filter(({ task }) => task.ended).map(({ task }) => task));
    for (const { task, slots } of free.filter(isOutgrown)) {
      // A moved task waits before all requests that arrived after it.
      this.#schedule.remove(task);
      this.#schedule.add(task, task.admission);
      this.#rows.delete(task);
      await this.#slots.close(slots);
    }
  }

  /** Gives waiting work its slots while there is room. Exclusive work runs at once, and gives them back. */
  async #admit(now: number): Promise<void> {
    for (let next = this.#schedule.admit(now); next; next = this.#schedule.admit(now)) {
      const { item: work, base } = next;
      if (work.exclusive) await this.#drain();
      const slots = await this.#slots.open(base, work.slotLengths);
      const isDeviceLost = (error: unknown) => this.#backend.isDeviceLost(error);
      const task = await work.enter({ backend: this.#backend.current, slots, isDeviceLost });
      if (task && !task.ended) {
        const { length } = task.sequence;
        this.#rows.set(task, { task, slots, length, onDevice: this.#decidesOnDevice(task) });
        continue;
      }
      if (!task) this.#backend.markHealthy();
      this.#schedule.remove(work);
      await this.#slots.close(slots);
    }
  }

  /** Copies keys and values of prompts that rows would compute again. */
  async #copyPrefixes(): Promise<void> {
    for (const row of this.#rows.values()) {
      const prefix = cachedPrefixOf(row, this.#rows.values());
      if (!prefix) continue;
      const { from, start, end } = prefix;
      for (const [index, slot] of row.slots.entries()) {
        await this.#backend.current.copyCache(from.slots[index]!, slot, start, end);
      }
      row.task.adoptPrefix(end);
    }
  }

  /** Runs the batch of the row that waited longest, and returns the rows that were served. Host and device take turns. */
  async #runBatch(): Promise<readonly Row[]> {
    const next = this.#schedule.active.find((work) => this.#goesOn(this.#rows.get(work)));
    const first = next && this.#rows.get(next);
    if (!first) return this.#drain();
    if (isForDevice(first)) return this.#runOnDevice(this.#device!);
    const served = await this.#drain();
    return [...served, ...(await this.#runOnHost())];
  }

  /** Takes the reports of all submissions under way. */
  async #drain(): Promise<readonly Row[]> {
    const served: Row[] = [];
    while (this.#device && !this.#device.isIdle) served.push(...(await this.#device.report()));
    return served;
  }

  /** One pass of the rows whose decoders run on the host, and of those that encode their prompts. */
  async #runOnHost(): Promise<readonly Row[]> {
    const failed = new Map<Task, unknown>();
    const rows = this.#pick((row, before) => {
      if (isForDevice(row)) return undefined;
      if (this.#limits.sharePrompts && isComputedBy(row, before())) return undefined;
      try {
        return hostCostOf(row);
      } catch (error) {
        // A user's decoder may fail its own sequence before a pass; the others go on.
        failed.set(row.task, error);
        return undefined;
      }
    });
    if (rows.length > 0) {
      const failedInPass = await runPass(this.#backend.current, rows, this.#count);
      for (const [task, error] of failedInPass) failed.set(task, error);
    }
    // A task leaves before its caller learns of the failure.
    for (const [task, error] of failed) await this.#remove([task]).finally(() => task.fail(error));
    return rows;
  }

  /** Starts another submission where there is room and something to do, else takes the oldest one's report. */
  async #runOnDevice(device: DeviceRuns): Promise<readonly Row[]> {
    const rows = device.hasRoom
      ? this.#pick((row) => (isForDevice(row) && device.wants(row) ? device.costOf(row) : undefined))
      : [];
    if (rows.length > 0) await device.submit(rows);
    return rows.length > 0 && device.hasRoom ? [] : device.report();
  }

  /**
   * The rows of the next batch, in the order of their claims.
   * @param costOf what a row takes, beside those picked `before`; undefined if it is left out
   */
  #pick(costOf: (row: Row, before: () => readonly Row[]) => BatchCost | undefined): readonly Row[] {
    const rowOf = (work: Schedulable<Task>) => this.#rows.get(work)!;
    const cost = (work: Schedulable<Task>, before: readonly Schedulable<Task>[]) => {
      const row = this.#goesOn(this.#rows.get(work));
      return row && costOf(row, () => before.map(rowOf));
    };
    const spans = this.#backend.current.limits.maxSpans;
    return this.#schedule.pick(cost, { ...this.#limits, spans }).map(rowOf);
  }

  /** A row that has passes to make in its slots; undefined if it only waits to be removed or moved. */
  #goesOn(row: Row | undefined): Row | undefined {
    return row && !row.task.ended && !isOutgrown(row) ? row : undefined;
  }

  #decidesOnDevice(task: Task): boolean {
    return decidesOnDevice(task, this.#options, this.#backend.current.loop);
  }

  #deviceRuns(): DeviceRuns | undefined {
    const { loop } = this.#backend.current;
    return loop && new DeviceRuns(loop, this.#options.steps ?? loop.maxPasses, this.#count);
  }

  async #remove(all: readonly Schedulable<Task>[]): Promise<void> {
    const slots = all.flatMap((work) => this.#rows.get(work)?.slots ?? []);
    for (const work of all) {
      this.#schedule.remove(work);
      this.#rows.delete(work);
    }
    // If the device is lost here, no removed work starts over.
    await this.#slots.close(slots);
  }

  /** Opens another device, on which all work that has started starts over, before work that waits. */
  async #recover(): Promise<void> {
    const lost: LostEvent = { type: "lost", reason: this.#backend.lossReason };
    for (const work of this.#schedule.active) work.lose(lost);
    const reopening = await this.#backend.reopen().catch((error: DiffusionError) => {
      this.#failure ??= error;
      throw this.#failure;
    });
    this.#slots = new Slots(this.#backend.current);
    this.#device = this.#deviceRuns();
    this.#rows.clear();
    this.#schedule.evict();
    for (const work of this.#schedule.waiting) work.restart({ type: "recovered", ...reopening });
  }
}

/** Whether the sequence was extended beyond the slots that the row has. */
function isOutgrown({ task, length }: Row): boolean {
  return task.sequence.length !== length;
}

/** Whether the device decides in the row's next pass; the host makes passes that only encode a prompt. */
function isForDevice({ task, onDevice }: Row): boolean {
  return onDevice && !task.sequence.encodesPrompt;
}
