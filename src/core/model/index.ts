export type { Architecture } from "./architecture.ts";
export { buildPlans } from "./body.ts";
export type { Conventions } from "./conventions.ts";
export { families } from "./dispatch.ts";
export type { Family, GenerationDefaults, Model } from "./model.ts";
export { type Preset, type PresetName, type Presets, presetNames } from "./presets.ts";
export { controlTokens, readModel, requireSupported } from "./read.ts";
export { ropeTable } from "./rope.ts";
export { weightSpecs } from "./weights.ts";
