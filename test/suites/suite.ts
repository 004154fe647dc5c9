/**
 * A suite is a plain list of named cases, so that vitest, Deno and a page in a browser run the same ones.
 * Nothing in this folder knows which of them it is running in.
 */
import { type BackendFactory, Engine, type ModelSource } from "../../src/core/index.ts";
import type { CacheDType } from "../../src/core/tensor/index.ts";

export interface Case {
  readonly name: string;
  /** Throws if it fails. */
  run(): Promise<void>;
}
/** A case that takes longer has failed: on a busy machine fifty prompts on a software adapter take minutes. */
export const caseLimitMs = 600_000;

export interface Suite {
  readonly name: string;
  readonly cases: readonly Case[];
  /** Frees what the cases shared; called once, after the last of them. */
  end?(): Promise<void>;
}

/** Where the steps of a block are decided. */
export type Loop = "host" | "device";

/** Where a suite finds its files. */
export interface Files {
  /** A parsed JSON file of test/fixtures/oracle. */
  json<T>(name: string): Promise<T>;
  /** A model of test/fixtures/oracle/models. */
  model(name: string): ModelSource;
  readonly tinyModel: ModelSource;
}
export interface Surroundings extends Files {
  readonly backend: BackendFactory;
  /** How activations of products are rounded, if they are: to integers beside quantized weights, to bf16 beside weights in bf16. */
  readonly activations?: keyof typeof roundedTolerances;
  /** For engines; a backend that has no loop of its own leaves it out. */
  readonly loop?: Loop;
  /** For engines; default: theirs. */
  readonly cacheDType?: CacheDType;
}

/** An engine on the backend that is tested. */
export function loadEngine(
  { backend, loop, cacheDType }: Surroundings,
  source: ModelSource,
): Promise<Engine> {
  return Engine.load(source, {
    backend,
    ...(loop && { decodeLoop: loop }),
    ...(cacheDType && { cacheDType }),
  });
}

/** One engine for all cases of a suite, loaded by the first of them. */
export function sharedEngine(surroundings: Surroundings, source: ModelSource) {
  let engine: Promise<Engine> | undefined;
  return {
    load: () => {
      engine ??= loadEngine(surroundings, source);
      return engine;
    },
    end: async () => (await engine)?.dispose(),
  };
}

/** A suite's name with where its loop runs. */
export function suiteName(name: string, { loop }: Surroundings): string {
  return loop ? `${name}, loop on the ${loop}` : name;
}

/** Fails a case with what was expected and what was found. */
export function equal(found: unknown, expected: unknown, what: string): void {
  const left = JSON.stringify(found);
  const right = JSON.stringify(expected);
  if (left === right) return;
  let at = 0;
  while (left?.[at] === right?.[at]) at++;
  const excerpt = (text: string | undefined) => text?.slice(Math.max(0, at - 40), at + 80);
  throw new Error(`${what}: expected ...${excerpt(right)}..., found ...${excerpt(left)}...`);
}

/** Fails a case if two rows differ anywhere by more than `tolerance` times the expected row's largest magnitude. */
export function near(
  found: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string,
): void {
  if (found.length !== expected.length) {
    throw new Error(`${what}: expected ${expected.length} numbers, found ${found.length}`);
  }
  const values = Array.from(expected);
  const scale = Math.max(...values.filter(Number.isFinite).map(Math.abs), Number.MIN_VALUE);
  values.forEach((value, index) => {
    // Infinities.
    if (found[index] === value) return;
    const difference = Math.abs(found[index]! - value);
    if (!(difference <= tolerance * scale)) {
      throw new Error(
        `${what}[${index}]: expected ${value} within ${tolerance * scale}, found ${found[index]}`,
      );
    }
  });
}

/**
 * By how activations are rounded, of a row's largest magnitude. A product of some hundred columns sums as many errors of up to
 * 2^-16 (Q6_K: 2^-15), 2^-9 or 2^-8 of the largest activation, and outliers among these are frequent in the cases; mlp multiplies two
 * such sums. That kernels sum integers exactly is a suite of its own.
 */
const roundedTolerances = { int16: 4e-4, bf16: 1e-2, int8: 1e-1 } as const;

/** The tolerance of a case, where rounded activations may need a wider one. */
export function toleranceOf({ activations }: Surroundings, rounded: boolean, tolerance: number): number {
  return rounded && activations ? Math.max(tolerance, roundedTolerances[activations]) : tolerance;
}

/** The message of what `run` throws; fails if it throws nothing. */
export async function failure(run: () => Promise<unknown>): Promise<Error> {
  try {
    await run();
  } catch (error) {
    return error as Error;
  }
  throw new Error("Expected an error, found none");
}
