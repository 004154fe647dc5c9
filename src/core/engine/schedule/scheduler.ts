/**
 * Runs the sequences of an engine: the schedule says which of them have their places and take part in the next pass, so
 * requests join and leave between passes. One backend, one pass at a time. Where its device is lost, the sequences start
 * over on another one: what they decide depends on nothing but their requests.
 */
import { type SequencePass, undecidedPositions } from "../../diffusion/index.ts";
import { DiffusionError } from "../../error.ts";
import type { SlotId } from "../../tensor/index.ts";
import type { ResilientBackend } from "../backend/resilientBackend.ts";
import { type LoopOptions, whyNotOnDevice } from "./decodeLoop.ts";
import type { EngineStatus } from "./engineStatus.ts";
import { type BackendJob, ExclusiveJob, type ExclusiveJobOptions } from "./exclusiveJob.ts";
import { batchCostOf, type CountPasses, type PassResult, type Row } from "./planPass.ts";
import { runPass } from "./runPass.ts";
import { runSteps } from "./runSteps.ts";
import { Schedule } from "./schedule.ts";
import { cachedPrefixOf, isComputedBy } from "./sharing.ts";
import { Slots } from "./slots.ts";
import { countSteps } from "./submission.ts";
import { Task } from "./task.ts";

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
  readonly #schedule: Schedule<Task | ExclusiveJob>;
  /** Those that have their places. */
  readonly #rows = new Map<Task, Row>();
  #slots: Slots;
  #running: Promise<void> | undefined;
  #failure: DiffusionError | undefined;
  #done = { passes: 0, rows: 0, passMs: 0 };

  constructor(backend: ResilientBackend, limits: SchedulerLimits, options: LoopOptions) {
    this.#backend = backend;
    this.#limits = limits;
    this.#options = options;
    this.#schedule = new Schedule(limits.positions);
    this.#slots = new Slots(backend.current);
  }

  /**
   * Queues a task. Its events say what becomes of it.
   * @throws DiffusionError `out-of-memory` if it can never fit, `disposed` after `stop`, `device-lost` if
   *   there is no device any more, `unsupported` if the device is to decide and cannot
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

  #queue(entrant: Task | ExclusiveJob): void {
    this.#schedule.add(entrant, entrant.admission);
    this.#wake();
  }

  #wake(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      // Somebody may have come while those who failed were leaving.
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

  readonly #count: CountPasses = (passes, rows, ms) => {
    const { passes: before, rows: rowsBefore, passMs } = this.#done;
    this.#done = { passes: before + passes, rows: rowsBefore + passes * rows, passMs: passMs + ms };
  };

  /**
   * Runs `use` between passes, with a slot of its own, once there is room for it; once more if the device is lost meanwhile.
   * @throws DiffusionError as `add` does
   */
  async runExclusive<T>(length: number, use: BackendJob<T>, options?: ExclusiveJobOptions): Promise<T> {
    this.#requireRoom(length);
    const loan = new ExclusiveJob(length, use, options);
    this.#queue(loan as ExclusiveJob);
    return loan.result;
  }

  /** Fails whatever waits or runs, and resolves once nothing runs any more. */
  async stop(reason: DiffusionError): Promise<void> {
    this.#failure ??= reason;
    this.#backend.stop();
    await this.#running;
  }

  async #run(): Promise<void> {
    // Those who come together start together.
    await Promise.resolve();
    try {
      while (!this.#schedule.idle) {
        if (this.#failure) throw this.#failure;
        if (this.#backend.lost) await this.#recover();
        await this.#pass().catch((error: unknown) => {
          if (!this.#backend.isDeviceLost(error)) throw error;
        });
      }
    } catch (error) {
      // The backend or the scheduler itself failed: nobody's sequence can be trusted to go on.
      const all = [...this.#schedule.waiting, ...this.#schedule.active];
      for (const task of all) task.fail(error);
      await this.#leave(all).catch(() => {});
    }
  }

  async #pass(): Promise<void> {
    const now = performance.now();
    for (const entrant of this.#schedule.expired(now)) entrant.expire(now);
    await this.#leave([...this.#schedule.waiting, ...this.#schedule.active].filter((task) => task.abandoned));
    await this.#admit(now);
    if (this.#limits.sharePrompts) await this.#share();
    const [first] = this.#rows.size > 0 ? this.#schedule.active : [];
    if (!first) return;
    // Host and device decide in turn: who waited longest says whose turn it is.
    const { served, gone } = await (this.#row(first).onDevice ? this.#runOnDevice() : this.#runOnHost());
    await this.#leave(gone);
    await this.#moveExtended(served);
    if (served.some((task) => !task.replaying)) this.#backend.markHealthy();
  }

  /** Of somebody who is active: loans are so only while they run. */
  #row(entrant: Task | ExclusiveJob): Row {
    return this.#rows.get(entrant as Task)!;
  }

  /** The rows of the next pass, of those who decide on the device or of the others. */
  #pick(onDevice: boolean, passesOf: (row: Row) => readonly SequencePass[] | undefined): readonly Row[] {
    const demand = (entrant: Task | ExclusiveJob, before: readonly (Task | ExclusiveJob)[]) => {
      const row = this.#row(entrant);
      if (row.onDevice !== onDevice) return undefined;
      const others = before.map((each) => this.#row(each));
      if (this.#limits.sharePrompts && isComputedBy(row, others)) return undefined;
      const passes = passesOf(row);
      return passes && batchCostOf(row, passes);
    };
    const spans = this.#backend.current.limits.maxSpans;
    const picked = this.#schedule.pick(demand, { ...this.#limits, spans });
    return picked.map((task) => this.#row(task));
  }

  /** Copies what of their prompts rows would compute again. */
  async #share(): Promise<void> {
    for (const row of this.#rows.values()) {
      const share = cachedPrefixOf(row, this.#rows.values());
      if (!share) continue;
      const { from, start, end } = share;
      for (const [index, slot] of row.slots.entries()) {
        await this.#backend.current.copyCache(from.slots[index]!, slot, start, end);
      }
      row.task.share(end);
    }
  }

  /** One pass of those whose decoders run on the host. */
  async #runOnHost(): Promise<PassResult> {
    // A user's decoder may fail one sequence before its pass: it leaves, and the others go on.
    const failed = new Map<Task, unknown>();
    const rows = this.#pick(false, ({ task }) => {
      try {
        return [task.sequence.next()];
      } catch (error) {
        failed.set(task, error);
        return undefined;
      }
    });
    for (const [task, error] of failed) await this.#leave([task]).finally(() => task.fail(error));
    if (rows.length === 0) return { served: [], gone: [] };
    return runPass(this.#backend.current, rows, this.#count);
  }

  /** Some steps of those whose decoders run on the device. */
  #runOnDevice(): Promise<PassResult> {
    const loop = this.#backend.current.loop!;
    const deciding = [...this.#rows.values()].filter(({ onDevice }) => onDevice);
    const count = countSteps(deciding, Math.min(this.#options.steps ?? loop.maxSteps, loop.maxSteps));
    const rows = this.#pick(true, ({ task }) => task.sequence.lookAhead(count));
    return runSteps(loop, rows, count, this.#count);
  }

  /** Whether a task's decoder runs on the device. @throws DiffusionError `unsupported` if it must and cannot */
  #decidesOnDevice(task: Task): boolean {
    const { where } = this.#options;
    if (where === "host") return false;
    const reason = whyNotOnDevice(task, this.#backend.current.loop);
    if (reason === undefined || where === "auto") return reason === undefined;
    throw new DiffusionError("unsupported", `Cannot decide on the device as ${reason}`);
  }

  /** Gives those who wait their slots while there is room. */
  async #admit(now: number): Promise<void> {
    for (let next = this.#schedule.admit(now); next; next = this.#schedule.admit(now)) {
      const { item: task, base } = next;
      if (task instanceof ExclusiveJob) {
        await this.#lend(task, base);
        continue;
      }
      const { contents } = task;
      const slots = await this.#slots.open(
        base,
        contents.map((tokens) => tokens.length),
      );
      const { length, undecided: bits } = task.sequence;
      this.#rows.set(task, { task, slots, length, onDevice: this.#decidesOnDevice(task) });
      const positions = [...contents[0]!.keys()];
      const undecided = undecidedPositions(bits, 0, length);
      await this.#backend.current.commit(
        slots.map((slot, index) => ({ slot, positions, tokens: contents[index]!, undecided })),
      );
      if (task.start()) await this.#leave([task]);
      else await this.#moveExtended([task]);
    }
  }

  /** Sequences that have outgrown their slots wait for larger ones, and come before all requests that arrived later. */
  async #moveExtended(tasks: readonly Task[]): Promise<void> {
    for (const task of tasks) {
      const row = this.#rows.get(task);
      if (!row || row.length === task.sequence.length) continue;
      this.#schedule.remove(task);
      this.#schedule.add(task, task.admission);
      this.#rows.delete(task);
      await this.#slots.close(row.slots);
    }
  }

  async #lend(loan: ExclusiveJob, base: number): Promise<void> {
    const slots = await this.#slots.open(base, [loan.admission.positions]);
    await loan.run(this.#backend.current, slots[0]!, (error) => this.#backend.isDeviceLost(error));
    this.#backend.markHealthy();
    this.#schedule.remove(loan);
    await this.#slots.close(slots);
  }

  async #leave(entrants: readonly (Task | ExclusiveJob)[]): Promise<void> {
    const slots: SlotId[] = [];
    for (const entrant of entrants) {
      this.#schedule.remove(entrant);
      if (entrant instanceof ExclusiveJob) {
        entrant.fail(new DiffusionError("aborted", "Cannot use the backend as the caller has left"));
        continue;
      }
      slots.push(...(this.#rows.get(entrant)?.slots ?? []));
      this.#rows.delete(entrant);
    }
    // If the device is lost here, nobody who has left is to start over.
    await this.#slots.close(slots);
  }

  /** Another device, on which everything that has started starts over, before what waits. */
  async #recover(): Promise<void> {
    const renewal = await this.#backend.reopen().catch((error: DiffusionError) => {
      this.#failure ??= error;
      throw this.#failure;
    });
    this.#slots = new Slots(this.#backend.current);
    this.#rows.clear();
    this.#schedule.evict();
    for (const entrant of this.#schedule.waiting) {
      if (entrant instanceof Task) entrant.restart({ type: "recovered", ...renewal });
    }
  }
}
