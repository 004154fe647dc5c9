/** `unmask debug sample`: generates as the samplers in the families' published code do, for comparison with that code. */
import { DiffusionError, type Engine, type GenerateRequest } from "../../core/index.ts";
import { concurrently } from "../../core/weights/index.ts";
import type { JsonField } from "./jsonField.ts";
import { type OfficialSampler, officialSamplers } from "./officialSamplers.ts";

export interface SampleCase {
  readonly request: GenerateRequest & { readonly tokens: readonly number[] };
  /** The result of the published sampler, if the file has one. */
  readonly out: readonly number[] | undefined;
}
/** The cases that share a sampler and its parameters. */
export interface SampleSet {
  readonly name: string;
  readonly sampler: OfficialSampler;
  readonly cases: readonly SampleCase[];
}

const names = Object.keys(officialSamplers) as (keyof typeof officialSamplers)[];

/**
 * Reads the sets of a file `[{params: {sampler, ...}, mask?, eos?, pad?, cases: [{prompt, out?}]}]`.
 * @throws DiffusionError `invalid-file`
 */
export function readSampleSets(file: JsonField): readonly SampleSet[] {
  return file.list().map((field, index) => {
    const params = field.get("params");
    const name = params.get("sampler").oneOf(...names);
    const sampler: OfficialSampler = officialSamplers[name];
    const tokenOverrides = {
      ...(field.get("mask").absent ? {} : { maskToken: field.get("mask").integer(0) }),
      ...(field.get("eos").absent ? {} : { stopTokens: field.get("eos").tokenOrTokens() }),
      ...(field.get("pad").absent ? {} : { padToken: field.get("pad").integer(0) }),
    };
    const cases = field
      .get("cases")
      .list()
      .map((each) => {
        const tokens = each.get("prompt").tokens();
        const out = each.get("out");
        const { overrides, ...settings } = sampler.settings(params, tokens.length);
        return {
          request: { ...settings, tokens, overrides: { ...tokenOverrides, ...overrides } },
          out: out.absent ? undefined : out.tokens(),
        };
      });
    return { name: `${index} (${name})`, sampler, cases };
  });
}

/** Concurrent cases share passes. */
const maxConcurrentCases = 8;

/** Runs the cases of a set, several at a time. Returns the results in the order of the cases. */
export async function sampleAll(
  engine: Engine,
  { sampler, cases }: SampleSet,
  options: { readonly signal?: AbortSignal; readonly onDone?: () => void } = {},
): Promise<readonly (readonly number[])[]> {
  return concurrently(cases, maxConcurrentCases, async ({ request }) => {
    const out = await sample(engine, sampler, request, options.signal);
    options.onDone?.();
    return out;
  });
}

async function sample(
  engine: Engine,
  { returns, until }: OfficialSampler,
  request: SampleCase["request"],
  signal: AbortSignal | undefined,
): Promise<readonly number[]> {
  const promptLength = request.tokens.length;
  let decodedTo = promptLength;
  for await (const event of engine.generate(request, signal ? { signal } : {})) {
    if (event.type === "block") decodedTo = event.end;
    if (event.type !== "done") continue;
    const { canvas } = event;
    const stops = request.overrides?.stopTokens ?? engine.model.stopTokens;
    const stop = canvas.findIndex((token, at) => at >= promptLength && stops.includes(token));
    const ends = { end: canvas.length, block: decodedTo, stop: stop < 0 ? canvas.length : stop + 1 };
    return canvas.slice(returns === "sequence" ? 0 : promptLength, ends[until]);
  }
  throw new DiffusionError("internal", "The generation ended without a 'done' event");
}

/** The first case with a different answer, and the first position that differs. */
export interface SampleDifference {
  readonly index: number;
  readonly position: number;
  readonly expected: number | undefined;
  readonly found: number | undefined;
}

export interface SampleComparison {
  readonly compared: number;
  readonly equal: number;
  readonly first: SampleDifference | undefined;
}

/** Compares the answers with those in the file, token for token. Cases without an answer in the file are skipped. */
export function compareSamples(
  { cases }: SampleSet,
  answers: readonly (readonly number[])[],
): SampleComparison {
  const expected = cases.flatMap(({ out }, index) => (out ? [{ index, out }] : []));
  const differences = expected.flatMap(({ index, out }): SampleDifference[] => {
    const answer = answers[index] ?? [];
    const length = Math.max(out.length, answer.length);
    const position = [...Array(length).keys()].find((at) => out[at] !== answer[at]);
    return position === undefined
      ? []
      : [{ index, position, expected: out[position], found: answer[position] }];
  });
  return {
    compared: expected.length,
    equal: expected.length - differences.length,
    first: differences[0],
  };
}
