/**
 * Scaled rotary positions in configurations, and the resulting frequencies. The expected frequencies were computed by numpy
 * with the formulas of transformers' modeling_rope_utils (wavelengths, inverse frequencies).
 */
import { describe, expect, test } from "vitest";
import { ropeTable } from "../../src/core/model/index.ts";
import { type RotaryPositions, ropeFrequencies } from "../../src/core/model/ropeScaling.ts";
import type { Config } from "../support/layouts.ts";
import { failure } from "../support/loopback.ts";
import { configOf, ids, logitsOf, modelOf, read, smallOf, without } from "../support/smallModels.ts";

const { llada, llama, llama32, qwen2, qwen3, rnd1 } = ids;

/** The rotary positions that the configuration reader makes from these fields. */
async function rotary(headDimension: number, fields: Config): Promise<RotaryPositions> {
  const config = { ...without(configOf(llama), "rope_theta"), head_dim: headDimension, ...fields };
  return (await modelOf(config)).architecture;
}

describe("frequencies", () => {
  const yarn = { type: "yarn", factor: 4, original_max_position_embeddings: 32768 };
  test.each([
    [
      "Llama 3.2",
      64,
      { rope_theta: 500_000, rope_scaling: configOf(llama32)["rope_scaling"] },
      [
        1, 0.0376060309309, 0.00729266473722, 0.00321144599475, 0.000429556796559, 1.94616381848e-5,
        8.57025548988e-6, 1.6619674678e-6, 3.22293293038e-7, 9.41830672543e-8,
      ],
    ],
    [
      "Qwen2.5 with YaRN",
      128,
      { rope_theta: 1e6, rope_scaling: yarn },
      [
        1, 0.0316227766017, 0.0086596432336, 0.00537532149079, 0.00184827656471, 0.000602941176471,
        0.000179841155874, 4.4456985251e-5, 7.90569415042e-6, 3.10234440188e-7,
      ],
    ],
    [
      "YaRN without rounded bounds",
      64,
      {
        rope_theta: 150_000,
        rope_parameters: {
          rope_type: "yarn",
          factor: 32,
          original_max_position_embeddings: 4096,
          truncate: false,
          beta_fast: 32,
          beta_slow: 1,
        },
      },
      [
        1, 0.0508132748155, 0.00679495948973, 0.00209379237897, 0.000456483919223, 3.83088123738e-5,
        1.81883366817e-5, 4.0999784818e-6, 9.24208950243e-7, 3.02351142812e-7,
      ],
    ],
  ] as const)("%s", async (_, headDimension, fields, expected) => {
    const found = ropeFrequencies(await rotary(headDimension, fields));
    expect(found).toHaveLength(headDimension / 2);
    const indices =
      headDimension === 64 ? [0, 8, 12, 14, 16, 18, 20, 24, 28, 31] : [0, 16, 22, 24, 28, 32, 36, 40, 48, 63];
    for (const [at, index] of indices.entries()) expect(found[index]! / expected[at]!).toBeCloseTo(1, 10);
  });
  test("linear scaling divides all frequencies", async () => {
    const plain = ropeFrequencies(await rotary(8, { rope_theta: 100 }));
    expect(plain[2]).toBeCloseTo(0.1, 12);
    const scaled = await rotary(8, { rope_theta: 100, rope_scaling: { type: "linear", factor: 8 } });
    expect(ropeFrequencies(scaled)).toEqual(plain.map((frequency) => frequency / 8));
  });
});

async function tableOf(context: number, positions: RotaryPositions): Promise<Float32Array> {
  const { source, bytes } = ropeTable(context, positions).pieces[0]!;
  return new Float32Array((await source.read(0, bytes)).slice().buffer);
}

describe("YaRN's attention factor", () => {
  const base = {
    rope_theta: 1e4,
    rope_scaling: { rope_type: "yarn", factor: 4, original_max_position_embeddings: 64 },
  };
  const withFields = (fields: Config) => ({ ...base, rope_scaling: { ...base.rope_scaling, ...fields } });
  test.each([
    [{}, 1.138629436112],
    [{ attention_factor: 1.5 }, 1.5],
    [{ mscale: 1, mscale_all_dim: 1 }, 1],
    [{ mscale: 2, mscale_all_dim: 1 }, 1.277258872224 / 1.138629436112],
    [{ mscale: 2 }, 1.138629436112],
    [{ factor: 0.5 }, 1],
  ])("with %j is %f, and multiplies cosines and sines", async (fields, factor) => {
    const positions = await rotary(8, withFields(fields));
    const table = await tableOf(3, positions);
    for (let k = 0; k < 4; k++) {
      const angle = 2 * ropeFrequencies(positions)[k]!;
      expect(table[16 + k]).toBeCloseTo(factor * Math.cos(angle), 6);
      expect(table[20 + k]).toBeCloseTo(factor * Math.sin(angle), 6);
    }
  });
});

test("scaling changes the logits from position 1 on, and scaling by 1 changes none", async () => {
  const model = smallOf(llama);
  const scaled = (factor: number) =>
    logitsOf({ ...model, config: { ...model.config, rope_scaling: { type: "linear", factor } } });
  const plain = await logitsOf(model);
  expect(await scaled(1)).toEqual(plain);
  const slow = await scaled(4);
  expect(slow[0]).toEqual(plain[0]);
  expect(slow[1]).not.toEqual(plain[1]);
});

describe("a configuration without scaling", () => {
  const forms = [false, null, {}, { rope_type: "default" }, { type: "default" }];
  test.each([llada, llama, qwen2, qwen3, rnd1])("of %s is accepted in all forms", async (id) => {
    const config = configOf(id);
    const plain = (await modelOf(without(config, "rope_scaling"))).architecture;
    for (const rope_scaling of forms)
      expect((await modelOf({ ...config, rope_scaling })).architecture).toEqual(plain);
    for (const rope_parameters of forms)
      expect((await modelOf({ ...config, rope_parameters })).architecture).toEqual(plain);
  });
});

describe("'rope_parameters'", () => {
  const config = configOf(qwen3);
  test("contain the fields that older configurations have beside 'rope_scaling'", async () => {
    const parameters = { rope_type: "default", rope_theta: 5000, partial_rotary_factor: 0.5 };
    const { architecture } = await modelOf({ ...config, rope_parameters: parameters });
    expect(architecture).toMatchObject({ ropeTheta: 5000, rotaryDimension: 4 });
    const outside = { ...config, rope_theta: 7000, rope_parameters: { rope_type: "default" } };
    expect((await modelOf(outside)).architecture.ropeTheta).toBe(7000);
  });
  test("must not contradict 'rope_scaling'", async () => {
    const linear = (factor: number) => ({ rope_type: "linear", factor });
    const both = (factor: number) =>
      modelOf({ ...config, rope_parameters: linear(2), rope_scaling: linear(factor) });
    expect((await both(2)).architecture.ropeScaling).toEqual({ kind: "linear", factor: 2 });
    await expect(both(3)).rejects.toEqual(failure("invalid-file", "the same scaling in 'rope_parameters'"));
  });
});

test.each([
  [
    llama,
    { rope_type: "dynamic", factor: 2 },
    `must be "default" or "divisors" or "linear" or "llama3" or "yarn": found "dynamic"`,
  ],
  [llama, { type: "longrope", long_factor: [1] }, `'type' in config.json, 'rope_scaling' must be`],
  [llama, { rope_type: "default", type: "yarn" }, `'type' in config.json, 'rope_scaling' must be "default"`],
  [
    qwen2,
    { rope_type: "default", mrope_section: [2, 1, 1] },
    `'mrope_section' in config.json, 'rope_scaling' must be absent`,
  ],
  [
    qwen2,
    { rope_type: "yarn", factor: 2, llama_4_scaling_beta: 0.1 },
    "'llama_4_scaling_beta' in config.json",
  ],
  [qwen2, { full_attention: { rope_type: "default" } }, "'full_attention' in config.json"],
  [llada, { rope_type: "linear", factor: 2 }, "'rope_scaling' in config.json must be without a scaling"],
])("%s with %j is refused", async (id, rope_scaling, message) => {
  await expect(modelOf({ ...configOf(id), rope_scaling })).rejects.toEqual(failure("unsupported", message));
});

test.each([
  [{ rope_type: "yarn" }, "lacks 'factor'"],
  [{ rope_type: "linear", factor: 0 }, "no valid 'factor'"],
  [
    { rope_type: "llama3", factor: 8, low_freq_factor: 1, high_freq_factor: 4 },
    "lacks 'original_max_position_embeddings'",
  ],
  [
    {
      rope_type: "llama3",
      factor: 8,
      low_freq_factor: 4,
      high_freq_factor: 4,
      original_max_position_embeddings: 64,
    },
    "'high_freq_factor' above its 'low_freq_factor'",
  ],
  ["yarn", "no valid 'rope_scaling': expected an object"],
])("%j is invalid", async (rope_scaling, message) => {
  await expect(modelOf({ ...configOf(llama), rope_scaling })).rejects.toEqual(
    failure("invalid-file", message),
  );
});

test("YaRN extends the context, and other scalings do not", async () => {
  const context = async (rope_scaling: Config) =>
    (await read({ ...smallOf(llama), config: { ...configOf(llama), rope_scaling } })).model.architecture
      .context;
  const original = { original_max_position_embeddings: 64 };
  expect(await context({ rope_type: "yarn", factor: 4, ...original })).toBe(256);
  expect(await context({ rope_type: "yarn", factor: 0.5, ...original })).toBe(64);
  expect(await context({ rope_type: "yarn", factor: 4 })).toBe(64);
  expect(await context({ rope_type: "linear", factor: 4 })).toBe(64);
  const llama3 = { rope_type: "llama3", factor: 4, low_freq_factor: 1, high_freq_factor: 4, ...original };
  expect(await context(llama3)).toBe(64);
});
