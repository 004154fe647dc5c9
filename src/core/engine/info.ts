/** Collects the properties of an engine. */
import type { Decoder } from "../decode/index.ts";
import type { Model } from "../model/index.ts";
import type { EngineSizes } from "./backend/sizes.ts";
import type { EngineInfo } from "./handle.ts";
import type { TextTools } from "./request/prompt.ts";

interface EngineParts {
  readonly model: Model;
  readonly text: TextTools | undefined;
  readonly sizes: EngineSizes;
  readonly decoders: readonly Decoder[];
  readonly device: string;
}

export function infoOf({ model, text, sizes, decoders, device }: EngineParts): EngineInfo {
  const { family, architecture, maskBlock, maskToken, stopTokens, defaults, presets } = model;
  return {
    family,
    parameters: sizes.parameters,
    vocabulary: architecture.vocabulary,
    context: sizes.context,
    cachePositions: sizes.capacity.positions,
    maskBlock,
    maskToken,
    stopTokens,
    defaults,
    presets,
    hasTokenizer: text !== undefined,
    hasChatTemplate: text?.template !== undefined,
    ...(text?.templateProblem && { chatTemplateProblem: text.templateProblem.message }),
    device,
    decoders: decoders.map(({ name, help, source, parameters }) => ({ name, help, source, parameters })),
  };
}
