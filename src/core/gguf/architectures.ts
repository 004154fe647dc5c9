/**
 * The architectures of llama.cpp that are families here. llama.cpp names a body; whether it is a diffusion model, and which
 * row predicts a position, are two further facts in the metadata. The three together are a class of the published models.
 */
import { DiffusionError } from "../error.ts";

/** The classes of a body, by what its attention sees and which row predicts a position. */
interface GgufArchitecture {
  /** Next-token prediction. */
  readonly causal?: string;
  /** All positions see all; a row predicts its own position. */
  readonly bidirectional?: string;
  /** All positions see all; a row predicts the next position. */
  readonly shifted?: string;
  /** What a file says that says nothing. */
  readonly usual: "causal" | "bidirectional" | "shifted";
  /** Whether rows of queries and keys are permuted, as llama.cpp rotates pairs of adjacent rows in this architecture. */
  readonly interleavedHeads?: boolean;
}

const architectures: Readonly<Record<string, GgufArchitecture>> = {
  llada: { bidirectional: "LLaDAModelLM", usual: "bidirectional", interleavedHeads: true },
  "llada-moe": { bidirectional: "LLaDAMoEModelLM", usual: "bidirectional" },
  dream: { shifted: "DreamModel", bidirectional: "A2DQwen2LMHeadModel", usual: "shifted" },
  rnd1: { shifted: "RND1LM", usual: "shifted" },
  qwen2: {
    causal: "Qwen2ForCausalLM",
    shifted: "DreamModel",
    bidirectional: "A2DQwen2LMHeadModel",
    usual: "causal",
  },
  qwen3: { causal: "Qwen3ForCausalLM", bidirectional: "A2DQwen3LMHeadModel", usual: "causal" },
  qwen3moe: { causal: "Qwen3MoeForCausalLM", shifted: "RND1LM", usual: "causal" },
  llama: {
    causal: "LlamaForCausalLM",
    bidirectional: "A2DLlamaLMHeadModel",
    usual: "causal",
    interleavedHeads: true,
  },
};

/** @throws DiffusionError `unsupported` for another architecture */
function architectureOf(name: string, fileName: string): GgufArchitecture {
  const known = Object.hasOwn(architectures, name) ? architectures[name] : undefined;
  if (known) return known;
  const names = Object.keys(architectures).join(", ");
  const message = `Cannot load the model as the architecture of '${fileName}' must be one of ${names}: found ${name}`;
  throw new DiffusionError("unsupported", message);
}

/** Whether rows of queries and keys are permuted. @throws DiffusionError `unsupported` for another architecture */
export function hasInterleavedHeads(architecture: string, fileName: string): boolean {
  return architectureOf(architecture, fileName).interleavedHeads ?? false;
}

/**
 * The class of a model, as in `architectures` of a config.json.
 * @param isCausal `{arch}.attention.causal`, if the file has it
 * @param shiftsLogits `diffusion.shift_logits`, if the file has it
 * @throws DiffusionError `unsupported` for another architecture, or facts that no family has
 */
export function ggufClass(
  architecture: string,
  {
    isCausal,
    shiftsLogits,
  }: { readonly isCausal?: boolean | undefined; readonly shiftsLogits?: boolean | undefined },
  fileName: string,
): string {
  const known = architectureOf(architecture, fileName);
  const kind = kindOf(known.usual, isCausal, shiftsLogits);
  const name = known[kind];
  if (name !== undefined) return name;
  const facts = `'attention.causal' ${isCausal ?? "absent"} and 'diffusion.shift_logits' ${shiftsLogits ?? "absent"}`;
  const message = `Cannot load the model as '${fileName}' has an architecture that no ${kind} family has: found ${architecture} with ${facts}`;
  throw new DiffusionError("unsupported", message);
}

/** llama.cpp shifts logits of a model that is not causal unless the file says otherwise. */
function kindOf(
  usual: GgufArchitecture["usual"],
  isCausal: boolean | undefined,
  shiftsLogits: boolean | undefined,
): GgufArchitecture["usual"] {
  if (isCausal ?? usual === "causal") return "causal";
  const shifts = shiftsLogits ?? usual !== "bidirectional";
  return shifts ? "shifted" : "bidirectional";
}
