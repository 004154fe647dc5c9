/** The conformance table: every op against its plain meaning, on any backend. */
import type { Suite, Surroundings } from "../suite.ts";
import { attentionCases } from "./attention.ts";
import { couplingsCases } from "./couplings.ts";
import { expertsCases } from "./experts.ts";
import { feedForwardCases } from "./feedForward.ts";
import { headCases } from "./head.ts";

export function conformanceSuite(surroundings: Surroundings): Suite {
  const cases = [
    ...attentionCases(surroundings),
    ...couplingsCases(surroundings),
    ...feedForwardCases(surroundings),
    ...expertsCases(surroundings),
    ...headCases(surroundings),
  ];
  return { name: "conformance", cases };
}
