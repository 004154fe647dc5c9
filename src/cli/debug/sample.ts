/** `unmask debug sample`: whole generations by the families' official samplers, for comparison with their own code. */
import { DiffusionError, type Engine, type GenerateRequest } from "../../core/index.ts";
import { concurrently } from "../../core/weights/index.ts";
import type { JsonField } from "./jsonField.ts";
import { type OfficialSampler, officialSamplers } from "./officialSamplers.ts";

export interface SampleCase {
  readonly request: GenerateRequest & { readonly tokens: readonly number[] };
  /** What the official sampler returned, where the file says it. */
  readonly out: readonly number[] | undefined;
}
/** One set of parameters and its cases. */
export interface SampleSet {
  readonly name: string;
  readonly sampler: OfficialSampler;
  readonly cases: readonly SampleCase[];
}

const names = Object.keys(officialSamplers) as (keyof typeof officialSamplers)[];

/**
 * The sets of a file `[{params: {sampler, ...}, mask?, eos?, pad?, cases: [{prompt, out?}]}]`.
 * @throws DiffusionError `invalid-file`
 */
export function readSampleSets(file: JsonField): readonly SampleSet[] {
  return file.list().map((field, index) => {
    const params = field.get("params");
    const name = params.get("sampler").oneOf(...names);
    const sampler: OfficialSampler = officialSamplers[name];
    const named = {
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
          request: { ...settings, tokens, overrides: { ...named, ...overrides } },
          out: out.absent ? undefined : out.tokens(),
        };
      });
    return { name: `${index} (${name})`, sampler, cases };
  });
}

/** Cases under way at a time: their passes share the backend's work. */
const casesAtOnce = 8;

/** Runs the cases of a set, several at a time; what each returns, in their order. */
export async function sampleAll(
  engine: Engine,
  { sampler, cases }: SampleSet,
  options: { readonly signal?: AbortSignal; readonly onDone?: () => void } = {},
): Promise<readonly (readonly number[])[]> {
  return concurrently(cases, casesAtOnce, async ({ request }) => {
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
  throw new DiffusionError("internal", "A generation ended without telling so");
}

/** The first case whose answer is not the file's, and the first position at which it is not. */
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

/** Compares answers with those of the file, token for token; cases of which it says none are left out. */
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
