export { type ArenaUse, arenaUse } from "./arenaUse.ts";
export {
  type ExplainedNode,
  type ExplainedSection,
  explainPass,
  type PassExplanation,
  sectionCost,
} from "./explainPass.ts";
export { fullPass, type PassShape, type SequenceCounts, sequencePass } from "./passShape.ts";
