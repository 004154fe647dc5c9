/** Random requests: prompts that say nothing, so that a model is unsure and takes many steps. */
import fc from "fast-check";
import type { Choice, GenerateRequest } from "../../src/core/index.ts";

const steps = fc.integer({ min: 2, max: 8 });
const high = fc.double({ min: 0.02, max: 1.1, noNaN: true });
const low = fc.double({ min: 0.01, max: 0.3, noNaN: true });

/** Decoders whose threshold smoothing can follow. */
export const smoothable: fc.Arbitrary<Choice> = fc.oneof(
  fc.record({ name: fc.constantFrom("threshold", "credit"), threshold: high }),
  fc.record({ name: fc.constant("hierarchical"), threshold: high.map((value) => Math.min(value, 1)), low }),
);

export const anyDecoder: fc.Arbitrary<Choice> = fc.oneof(
  smoothable,
  fc.record({ name: fc.constantFrom("fixed", "random", "margin", "entropy", "dreamSchedule"), steps }),
  fc.record({ name: fc.constant("klass"), steps, threshold: low, klThreshold: fc.constantFrom(0.01, 1) }),
  fc.record({ name: fc.constant("factor"), factor: fc.double({ min: 0.1, max: 20, noNaN: true }) }),
  fc.record({ name: fc.constant("entropyBound"), gamma: fc.double({ min: 0, max: 20, noNaN: true }) }),
  fc.record({ name: fc.constant("thresholdTopN"), threshold: low, minimum: fc.integer({ min: 1, max: 3 }) }),
  fc.constant({ name: "hierarchical", threshold: null, low: 0.05 }),
);

const vicinity = fc.record({
  name: fc.constant("vicinity"),
  left: fc.integer({ min: 0, max: 6 }),
  right: fc.integer({ min: 0, max: 6 }),
  warmup: fc.integer({ min: 0, max: 5 }),
});
/** Caches of bidirectional models, refreshed at block entry only. */
export const plainCache: fc.Arbitrary<Choice> = fc.oneof(
  fc.record({ name: fc.constantFrom("none", "prefix", "dual") }),
  vicinity,
);
export const anyCache: fc.Arbitrary<Choice> = fc
  .tuple(plainCache, fc.constantFrom(null, 1, 3))
  .map(([cache, refreshEvery]) => (cache.name === "none" ? cache : { ...cache, refreshEvery }));

const shape = {
  tokens: fc.array(fc.integer({ min: 2, max: 99 }), { minLength: 1, maxLength: 14 }),
  genLength: fc.integer({ min: 1, max: 20 }),
  blockLength: fc.constantFrom(1, 5, 8, 32),
  temperature: fc.constantFrom(0, 0, 0.7),
  topK: fc.constantFrom(0, 5),
  topP: fc.constantFrom(1, 0.9),
  seed: fc.integer({ min: 0, max: 1000 }),
  alignBlocksToGrid: fc.boolean(),
};

/** Credit is refused beside filters that it would get around. */
function valid(request: GenerateRequest): GenerateRequest {
  return request.decoder?.name === "credit" ? { ...request, topK: 0, topP: 1 } : request;
}

/** A request on a bidirectional model; half of those that can be are smoothed. */
export function requests(cache: fc.Arbitrary<Choice>): fc.Arbitrary<GenerateRequest> {
  const smoothing = fc.constantFrom({}, { topK: 4 });
  const any = fc.oneof(
    fc.record({ ...shape, cache, decoder: anyDecoder, cfgScale: fc.constantFrom(0, 0, 0, 1.5) }),
    fc.record({ ...shape, cache, decoder: smoothable, smoothing }),
  );
  return any.map(valid);
}

/** A request on a model that is made block-causal. */
export const blockCausal: fc.Arbitrary<GenerateRequest> = fc
  .tuple(
    fc.record({
      ...shape,
      decoder: fc.oneof(anyDecoder, fc.constant({ name: "edit", threshold: 0.2, edit: 0.1, postSteps: 3 })),
    }),
    fc.constantFrom(1, 4, 8),
    fc.constantFrom("zero" as const, "prompt" as const),
  )
  .map(([request, maskBlock, origin]) => ({
    ...request,
    alignBlocksToGrid: false,
    blockLength: maskBlock,
    cache: { name: "block" },
    overrides: { maskBlock, origin },
  }))
  .map(valid);
