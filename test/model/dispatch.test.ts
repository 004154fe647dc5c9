/** Which family reads a model, and which models are refused. */
import { describe, expect, test } from "vitest";
import { failure } from "../support/loopback.ts";
import { configOf, familyOf, ids, modelOf, read, smallOf, without } from "../support/smallModels.ts";

const { llada, lladaMoe, llada2, dream, sdar, fast, qwen2, qwen3 } = ids;
const nameFields = ["architectures", "model_type"];

describe("dispatch", () => {
  test("architectures take precedence over the model type", async () => {
    expect(await familyOf({ ...configOf(sdar), model_type: "qwen3" })).toBe("SDAR");
    expect(await familyOf({ ...without(configOf(sdar), "architectures") })).toBe("SDAR");
    expect(await familyOf({ ...configOf(sdar), architectures: [] })).toBe("SDAR");
  });
  test("models of the type 'llada' are distinguished by their experts", async () => {
    expect(await familyOf(without(configOf(llada), "architectures"))).toBe("LLaDA");
    expect(await familyOf(without(configOf(lladaMoe), "architectures"))).toBe("LLaDA-MoE");
  });
  test.each([
    [llada, "LLaDA"],
    [lladaMoe, "LLaDA-MoE"],
    [llada2, "LLaDA2"],
    [fast, "Fast-dLLM v2"],
  ])("%s without a name is recognized by its fields", async (id, family) => {
    expect(await familyOf(without(configOf(id), ...nameFields))).toBe(family);
  });
  test("Qwen2 with a 'bd_size' is Fast-dLLM v2, and with a mask token Open-dCoder", async () => {
    const plain = configOf(qwen2);
    expect(await familyOf(plain)).toBe("Qwen2 (causal)");
    expect(await familyOf({ ...plain, bd_size: 8, mask_token_id: 48 })).toBe("Fast-dLLM v2");
    expect(await familyOf({ ...plain, mask_token_id: 48 })).toBe("Open-dCoder");
    const { model } = await read({ ...smallOf(qwen2), config: plain, special: ["<M>"] });
    expect(model).toMatchObject({ family: "Open-dCoder", maskToken: 40 });
    // An ordinary token with the mask token's text is not a mask token.
    const vocabulary = { a: 0, "<M>": 1 };
    const tokenizer = { decoder: { type: "Fuse" }, model: { type: "BPE", vocab: vocabulary, merges: [] } };
    const more = { "tokenizer.json": JSON.stringify(tokenizer) };
    const causal = await read({ ...smallOf(qwen2), config: plain, more });
    expect(causal.model.family).toBe("Qwen2 (causal)");
  });
  test.each([
    [ids.llama, "LlamaForSequenceClassification"],
    [ids.llama, "MyDiffusionForCausalLM"],
    [qwen3, "Qwen3DLLMForCausalLM"],
    [sdar, "MySdar"],
    [qwen2, "Qwen2ForRewardModel"],
  ])("%s as the unknown %s is refused despite its model type", async (id, name) => {
    const { model_type: type } = configOf(id);
    const reading = familyOf({ ...configOf(id), architectures: [name] });
    await expect(reading).rejects.toEqual(failure("unsupported", `found ${name}, ${type}`));
  });
  test("Stable-DiffCoder is recognized by its class alone, as its model type is Llama's", async () => {
    const config = configOf(ids.stableDiffcoder);
    const { family, maskBlock, shift, origin } = await modelOf(config);
    expect({ family, maskBlock, shift, origin }).toEqual({
      family: "Stable-DiffCoder",
      maskBlock: 4,
      shift: 0,
      origin: "zero",
    });
    expect((await modelOf({ ...config, block_size: 8 })).maskBlock).toBe(8);
  });
  test("A2D-Llama with a 'block_size' has blocks from the prompt's end on", async () => {
    const config = configOf("meta-llama/Llama-3.2-1B, converted");
    expect(await modelOf(config)).toMatchObject({ family: "Tiny-A2D (Llama)", maskBlock: Infinity });
    expect(await modelOf({ ...config, block_size: 16 })).toMatchObject({ maskBlock: 16, origin: "prompt" });
  });
  test.each([
    [qwen3, { mask_token_id: 48 }, "'mask_token_id'"],
    [qwen3, { block_size: 4 }, "'block_size'"],
    [ids.llama, { mask_token_id: 5 }, "'mask_token_id'"],
    [ids.llama, { bd_size: 32 }, "'bd_size'"],
    [ids.llama, { block_length: 32 }, "'block_length'"],
    [qwen2, { block_size: 32 }, "'block_size'"],
    [qwen2, { block_size: 32, mask_token_id: 48 }, "'block_size'"],
  ])("a causal %s with %j is a contradiction", async (id, change, field) => {
    const reading = familyOf({ ...configOf(id), ...change });
    await expect(reading).rejects.toEqual(failure("unsupported", `a causal architecture and has ${field}`));
    await expect(reading).rejects.toEqual(
      failure("unsupported", "name the model's own class in 'architectures'"),
    );
  });
  test("a causal model with a mask token of -1 or null is causal", async () => {
    expect(await familyOf({ ...configOf(qwen3), mask_token_id: -1 })).toBe("Qwen3 (causal)");
    expect(await familyOf({ ...configOf(qwen2), mask_token_id: null })).toBe("Qwen2 (causal)");
  });
  test("an unknown name is refused, even with the fields of a known family", async () => {
    const config = { ...configOf(llada2), architectures: ["OtherForCausalLM"], model_type: "other" };
    await expect(familyOf(config)).rejects.toEqual(failure("unsupported", "found OtherForCausalLM, other"));
    await expect(familyOf(without(configOf(sdar), ...nameFields))).rejects.toEqual(
      failure("unsupported", "found no architecture"),
    );
  });
  test.each([
    [{ architectures: ["DiffusionGemmaForBlockDiffusion"] }, "DiffusionGemma is not supported"],
    [{ canvas_length: 256 }, "DiffusionGemma is not supported"],
    [{ ...configOf(llada2), expert_capacity: 48 }, "LLaDA2.2 is not supported"],
    [{ architectures: ["NemotronLabsDiffusionModel"] }, "Nemotron-Labs-Diffusion is not supported"],
    [{ ...configOf(qwen3), dflash_config: {} }, "a DFlash drafter is not supported"],
    [{ ...configOf(llada2), split_token_id: 45, delete_token_id: 44 }, "LLaDA2.2 is not supported"],
    [{ ...configOf(dream), expand_token_id: 44, delete_token_id: 43 }, "DreamOn is not supported"],
    [{ ...configOf(dream), delete_token_id: 43 }, "DreamOn is not supported"],
    [{ model_type: "wedlm" }, "WeDLM is not supported"],
    [{ architectures: ["DharaForMaskedDiffusion"] }, "dhara is not supported"],
    [{ model_type: "mdlm" }, "MDLM, BD3LM or SEDD is not supported"],
    [{ architectures: ["BD3LM"] }, "MDLM, BD3LM or SEDD is not supported"],
    [{ architectures: ["ModernBertForMaskedLM"] }, "ModernBERT is not supported"],
  ])("a known family that is not supported: %j", async (config, message) => {
    await expect(familyOf(config)).rejects.toEqual(failure("unsupported", message));
  });
  test("DreamOn is also recognized by its generation_config.json", async () => {
    const reading = read({ ...smallOf(dream), generation: { expand_token_id: 44 } });
    await expect(reading).rejects.toEqual(failure("unsupported", "DreamOn is not supported"));
  });
  test("LLaDA2 may have an 'expert_capacity' of 0", async () => {
    expect(await familyOf({ ...configOf(llada2), expert_capacity: 0 })).toBe("LLaDA2");
  });
});
