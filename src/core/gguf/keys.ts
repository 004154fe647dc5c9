/**
 * Metadata keys of our own, in files that `unmask convert` writes: a checkpoint's JSON files as they are. llama.cpp ignores
 * them. They have what its keys cannot say: the family, block lengths, presets.
 */
export const ggufKeys = {
  config: "unmask.config",
  generation: "unmask.generation_config",
  tokenizerConfig: "unmask.tokenizer_config",
} as const;
