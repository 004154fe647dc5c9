export * from "./chat.ts";
export * from "./completions.ts";
export { camelCase, snakeCase } from "./declared.ts";
export { type DiffusionFields, diffusionRequest, diffusionSchema } from "./diffusion.ts";
export { given } from "./fields.ts";
export { mostChoices } from "./generation.ts";
export * from "./infill.ts";
export { readJson, validBody } from "./readBody.ts";
export * from "./tokenize.ts";
