/** The schedule in simulation: a clock that the test moves, rows that only count, and no model. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { agingMs, type BatchCost, type PassLimits, patienceMs, Schedule } from "./schedule.ts";

/** The pool of the simulations, and what a pass may hold of it. */
const pool = 100;
const limits: PassLimits = { tokens: 100, spans: 6, prefillTokens: 24 };
/** Time that a pass takes. */
const passMs = 100;

interface Arrival {
  readonly at: number;
  readonly length: number;
  readonly priority: number;
  /** Ms from its arrival; Infinity for none. */
  readonly deadlineMs: number;
  /** Passes that it takes, the first of which only encode a prompt; what each computes. */
  readonly passes: number;
  readonly prefills: number;
  readonly tokens: number;
  readonly spans: number;
  /** Passes after which the caller leaves; 0 leaves while the request waits. */
  readonly cancelAfter: number;
  readonly cancelAt: number;
}

type Ending = "done" | "cancelled" | "expired";

/** One request on its way. */
interface Job extends Arrival {
  readonly index: number;
  admittedAt?: number;
  base?: number;
  made: number;
  /** Passes without it since it was admitted, or last took part in one. */
  left: number;
  ending?: Ending;
}

function arrivals({ finite = false } = {}): fc.Arbitrary<Arrival[]> {
  const never = fc.constant(Number.POSITIVE_INFINITY);
  const count = (min: number, max: number) => fc.integer({ min, max });
  const one = fc
    .record({
      gap: fc.oneof(fc.constant(0), count(0, 400)),
      length: fc.oneof(count(1, 30), count(1, pool)),
      priority: fc.oneof(fc.constant(0), count(-10, 10)),
      deadlineMs: finite ? never : fc.oneof(never, never, count(1, 6000)),
      passes: count(1, 12),
      prefills: count(0, 4),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      spans: fc.constantFrom(1, 1, 2),
      cancelAfter: finite ? never : fc.oneof(never, never, count(1, 12)),
      cancelAt: finite ? never : fc.oneof(never, never, never, count(0, 20_000)),
    })
    .map(({ share, ...rest }) => ({ ...rest, tokens: Math.max(1, Math.round(share * rest.length)) }));
  return fc.array(one, { minLength: 1, maxLength: 40 }).map((list) => {
    let at = 0;
    return list.map(({ gap, ...rest }) => {
      at += gap;
      return { ...rest, at };
    });
  });
}

/** What a job takes of the next pass. */
function demandOf({ tokens, spans, made, prefills }: Job): BatchCost {
  return { tokens, spans, prefill: made < prefills };
}

/** Runs all jobs to their ends as a scheduler does, and looks at every step. */
class Simulation {
  readonly jobs: Job[];
  readonly schedule = new Schedule<Job>(pool);
  /** In the order of their admissions. */
  readonly admitted: Job[] = [];
  now = 0;
  passes = 0;

  constructor(list: readonly Arrival[]) {
    this.jobs = list.map((arrival, index) => ({ ...arrival, index, made: 0, left: 0 }));
  }

  run(): void {
    let coming = [...this.jobs];
    while (coming.length > 0 || !this.schedule.idle) {
      for (const job of coming.filter(({ at }) => at <= this.now)) this.#arrive(job);
      coming = coming.filter(({ at }) => at > this.now);
      this.step();
      this.now += passMs;
      expect(++this.passes).toBeLessThan(20_000);
    }
    expect(this.schedule.free).toBe(pool);
  }

  #arrive(job: Job): void {
    const { length: positions, priority, at: arrivedAt, deadlineMs } = job;
    this.schedule.add(job, { positions, priority, arrivedAt, deadlineAt: arrivedAt + deadlineMs });
  }

  step(): void {
    const { schedule, now } = this;
    for (const job of schedule.expired(now)) this.end(job, "expired");
    for (const job of this.jobs) {
      const gone = job.cancelAt <= now || job.made >= job.cancelAfter;
      if (gone && job.at <= now && !job.ending) this.end(job, "cancelled");
    }
    for (let next = schedule.admit(now); next; next = schedule.admit(now)) {
      const { item, base } = next;
      expect(item.ending ?? item.admittedAt).toBeUndefined();
      Object.assign(item, { admittedAt: now, base });
      this.admitted.push(item);
    }
    this.#checkPool();
    const active = schedule.active;
    const picked = schedule.pick(demandOf, limits);
    this.#checkPass(active, picked);
    for (const job of active) job.left = picked.includes(job) ? 0 : job.left + 1;
    for (const job of picked) if (++job.made === job.passes) this.end(job, "done");
  }

  end(job: Job, ending: Ending): void {
    expect(job.ending).toBeUndefined();
    job.ending = ending;
    this.schedule.remove(job);
  }

  #checkPool(): void {
    const held = [...this.schedule.active].sort((a, b) => a.base! - b.base!);
    held.forEach(({ base, length }, index) => {
      expect(base).toBeGreaterThanOrEqual(0);
      expect(base! + length).toBeLessThanOrEqual(held[index + 1]?.base ?? pool);
    });
    expect(this.schedule.free).toBe(pool - held.reduce((sum, { length }) => sum + length, 0));
  }

  #checkPass(active: readonly Job[], picked: readonly Job[]): void {
    if (active.length > 0) expect(picked).toContain(active[0]);
    expect(new Set(picked).size).toBe(picked.length);
    const sum = (rows: readonly Job[], of: (demand: BatchCost) => number) =>
      rows.reduce((total, job) => total + of(demandOf(job)), 0);
    expect(sum(picked, ({ tokens }) => tokens)).toBeLessThanOrEqual(limits.tokens);
    expect(sum(picked, ({ spans }) => spans)).toBeLessThanOrEqual(limits.spans);
    const encoding = picked.filter((job) => demandOf(job).prefill);
    if (encoding.length > 1) {
      expect(sum(encoding, ({ tokens }) => tokens)).toBeLessThanOrEqual(limits.prefillTokens);
    }
    // Whoever is left out comes closer to the front, where it is served in any case.
    const after = this.schedule.active;
    active.forEach((job, place) => {
      if (!picked.includes(job)) expect(after.indexOf(job)).toBeLessThan(place);
    });
  }
}

describe("thousands of random arrivals", () => {
  test("the pool is never exceeded, passes fit their limits, and every request ends exactly once", () => {
    const endings = new Map<Ending, number>();
    const one = (list: Arrival[]) => {
      const simulation = new Simulation(list);
      simulation.run();
      for (const { ending } of simulation.jobs) endings.set(ending!, (endings.get(ending!) ?? 0) + 1);
      for (const job of simulation.jobs) {
        expect(job.ending).toBeDefined();
        if (job.ending === "done") expect(job.made).toBe(job.passes);
      }
    };
    fc.assert(fc.property(arrivals(), one), { numRuns: 400, seed: 21 });
    for (const ending of ["done", "cancelled", "expired"] as const)
      expect(endings.get(ending)).toBeGreaterThan(100);
  });

  test("no active row is left out for as many passes as there are rows", () => {
    let left = 0;
    const one = (list: Arrival[]) => {
      const simulation = new Simulation(list.map((arrival) => ({ ...arrival, at: 0, length: 10 })));
      const rows = Math.min(list.length, pool / 10);
      const { schedule } = simulation;
      const { step } = simulation;
      simulation.step = () => {
        step.call(simulation);
        for (const job of schedule.active) {
          expect(job.left).toBeLessThan(rows);
          left = Math.max(left, job.left);
        }
      };
      simulation.run();
    };
    fc.assert(fc.property(arrivals({ finite: true }), one), { numRuns: 200, seed: 22 });
    expect(left).toBeGreaterThan(1);
  });

  test("none starves: the work before it, and what may still overtake it, bound how long one waits", () => {
    const one = (list: Arrival[]) => {
      const simulation = new Simulation(list);
      simulation.run();
      for (const job of simulation.jobs) {
        // All work that comes before it, or overtakes it while it may be overtaken, made one pass after the other.
        const overtakes = ({ at, priority }: Job) =>
          at - job.at <= Math.max(patienceMs, (priority - job.priority) * agingMs);
        const others = simulation.jobs.filter((other) => other !== job && overtakes(other));
        const passes = others.reduce((sum, other) => sum + other.passes, 0);
        const waited = job.admittedAt! - job.at;
        expect(waited).toBeLessThanOrEqual((passes + 1) * passMs);
      }
    };
    fc.assert(fc.property(arrivals({ finite: true }), one), { numRuns: 400, seed: 23 });
  });

  test("of the same priority and size, who comes first is admitted first", () => {
    const one = (list: Arrival[]) => {
      const simulation = new Simulation(list.map((arrival) => ({ ...arrival, length: 30 })));
      simulation.run();
      for (const priority of new Set(simulation.admitted.map((job) => job.priority))) {
        const alike = simulation.admitted.filter((job) => job.priority === priority);
        expect(alike.map(({ index }) => index)).toEqual(
          alike.map(({ index }) => index).sort((a, b) => a - b),
        );
      }
    };
    fc.assert(fc.property(arrivals(), one), { numRuns: 200, seed: 24 });
  });
});

describe("admission", () => {
  const wish = { positions: 10, priority: 0, arrivedAt: 0, deadlineAt: Number.POSITIVE_INFINITY };
  const admitAll = (schedule: Schedule<string>, now: number) => {
    const items: string[] = [];
    for (let next = schedule.admit(now); next; next = schedule.admit(now)) items.push(next.item);
    return items;
  };

  test("higher priority goes first, until the other has waited for it", () => {
    const schedule = new Schedule<string>(10);
    schedule.add("running", wish);
    expect(admitAll(schedule, 0)).toEqual(["running"]);
    schedule.add("early", wish);
    schedule.add("urgent", { ...wish, priority: 2, arrivedAt: 2 * agingMs - 1 });
    schedule.add("late", { ...wish, priority: 2, arrivedAt: 2 * agingMs + 1 });
    const order: string[] = [];
    for (let now = 0; !schedule.idle; now++) {
      schedule.remove(schedule.active[0]!);
      order.push(...admitAll(schedule, now));
    }
    expect(order).toEqual(["urgent", "early", "late"]);
  });

  test("a small one passes a large one that does not fit, but not for ever", () => {
    const schedule = new Schedule<string>(10);
    schedule.add("running", { ...wish, positions: 6 });
    expect(admitAll(schedule, 0)).toEqual(["running"]);
    schedule.add("large", wish);
    schedule.add("small", { ...wish, positions: 2 });
    expect(admitAll(schedule, patienceMs - 1)).toEqual(["small"]);
    schedule.add("later", { ...wish, positions: 2 });
    expect(admitAll(schedule, patienceMs)).toEqual([]);
    schedule.remove("running");
    expect(admitAll(schedule, patienceMs)).toEqual([]);
    schedule.remove("small");
    expect(admitAll(schedule, patienceMs)).toEqual(["large"]);
    schedule.remove("large");
    expect(admitAll(schedule, patienceMs)).toEqual(["later"]);
  });

  test("those who lose their places come before who waits", () => {
    const schedule = new Schedule<string>(20);
    schedule.add("a", wish);
    schedule.add("b", wish);
    schedule.add("urgent", { ...wish, priority: 10 });
    expect(admitAll(schedule, 0)).toEqual(["urgent", "a"]);
    schedule.evict();
    expect(schedule.free).toBe(20);
    expect(schedule.waiting).toEqual(["urgent", "a", "b"]);
  });

  test("what can never fit is a bug", () => {
    expect(() => new Schedule(9).add("large", wish)).toThrow("never fit");
  });
});

test("a row that is better left out keeps its claim", () => {
  const schedule = new Schedule<string>(30);
  const wish = { positions: 10, priority: 0, arrivedAt: 0, deadlineAt: Number.POSITIVE_INFINITY };
  for (const item of ["a", "b", "c"]) {
    schedule.add(item, wish);
    schedule.admit(0);
  }
  const demand = { tokens: 1, spans: 1, prefill: false };
  const picked = schedule.pick(
    (item, before) => (item === "b" && before.includes("a") ? undefined : demand),
    limits,
  );
  expect(picked).toEqual(["a", "c"]);
  expect(schedule.active).toEqual(["b", "a", "c"]);
});
