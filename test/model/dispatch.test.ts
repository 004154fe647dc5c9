/** Which family reads a model, and which are refused. */
import { describe, expect, test } from "vitest";
import { failure } from "../support/loopback.ts";
import { configOf, familyOf, ids, read, smallOf, without } from "../support/smallModels.ts";

const { llada, lladaMoe, llada2, sdar, fast, qwen2, qwen3 } = ids;
const kinds = ["architectures", "model_type"];

describe("dispatch", () => {
  test("architectures come before the model type", async () => {
    expect(await familyOf({ ...configOf(sdar), model_type: "qwen3" })).toBe("SDAR");
    expect(await familyOf({ ...without(configOf(sdar), "architectures") })).toBe("SDAR");
    expect(await familyOf({ ...configOf(sdar), architectures: ["MySdar"] })).toBe("SDAR");
  });
  test("the type 'llada' is told apart by its experts", async () => {
    expect(await familyOf(without(configOf(llada), "architectures"))).toBe("LLaDA");
    expect(await familyOf(without(configOf(lladaMoe), "architectures"))).toBe("LLaDA-MoE");
  });
  test.each([
    [llada, "LLaDA"],
    [lladaMoe, "LLaDA-MoE"],
    [llada2, "LLaDA2"],
    [fast, "Fast-dLLM v2"],
  ])("%s without a name is known by its shape", async (id, family) => {
    expect(await familyOf(without(configOf(id), ...kinds))).toBe(family);
  });
  test("Qwen2 with a 'bd_size' is Fast-dLLM v2, with a mask token Open-dCoder", async () => {
    const plain = without(configOf(qwen2), "mask_token_id");
    expect(await familyOf(plain)).toBe("Qwen2 (causal)");
    expect(await familyOf({ ...plain, bd_size: 8, mask_token_id: 48 })).toBe("Fast-dLLM v2");
    expect(await familyOf({ ...plain, mask_token_id: 48 })).toBe("Open-dCoder");
    const { model } = await read({ ...smallOf(qwen2), config: plain, special: ["<M>"] });
    expect(model).toMatchObject({ family: "Open-dCoder", maskToken: 40 });
  });
  test("a name that nobody knows is refused, whatever the shape", async () => {
    const config = { ...configOf(llada2), architectures: ["OtherForCausalLM"], model_type: "other" };
    await expect(familyOf(config)).rejects.toEqual(failure("unsupported", "found OtherForCausalLM, other"));
    await expect(familyOf(without(configOf(sdar), ...kinds))).rejects.toEqual(
      failure("unsupported", "found no architecture"),
    );
  });
  test.each([
    [{ architectures: ["DiffusionGemmaForBlockDiffusion"] }, "DiffusionGemma is not supported"],
    [{ canvas_length: 256 }, "DiffusionGemma is not supported"],
    [{ ...configOf(llada2), expert_capacity: 48 }, "LLaDA2.2 is not supported"],
    [{ architectures: ["NemotronLabsDiffusionModel"] }, "Nemotron-Labs-Diffusion is not supported"],
    [{ ...configOf(qwen3), dflash_config: {} }, "a DFlash drafter is not supported"],
    [{ model_type: "wedlm" }, "WeDLM is not supported"],
    [{ architectures: ["DharaForMaskedDiffusion"] }, "dhara is not supported"],
    [{ model_type: "mdlm" }, "MDLM, BD3LM or SEDD is not supported"],
    [{ architectures: ["BD3LM"] }, "MDLM, BD3LM or SEDD is not supported"],
    [{ architectures: ["ModernBertForMaskedLM"] }, "ModernBERT is not supported"],
  ])("a family that is known and not supported: %j", async (config, message) => {
    await expect(familyOf(config)).rejects.toEqual(failure("unsupported", message));
  });
  test("an 'expert_capacity' of 0 is LLaDA2 as ever", async () => {
    expect(await familyOf({ ...configOf(llada2), expert_capacity: 0 })).toBe("LLaDA2");
  });
});
