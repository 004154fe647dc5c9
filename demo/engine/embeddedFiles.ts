/** The embedded model as it lies beside the page: in this folder, with these files. */
export const embeddedPath = "embedded/";
export const embeddedFiles = [
  "config.json",
  "generation_config.json",
  "model.safetensors",
  "tokenizer.json",
  "tokenizer_config.json",
];
