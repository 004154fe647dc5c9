import { subBlock } from "../subBlock.ts";
import { everyPass } from "./everyPass.ts";

/** Fast-dLLM's passes of `subBlock`, with the prompt encoded in one pass. */
export const fastDllmSubBlock = everyPass({
  ...subBlock,
  name: "fastDllmSubBlock",
  help: "For comparison: as 'subBlock', but encodes the prompt in one pass; unrolling adds passes on finished blocks.",
  source: "Fast-dLLM v2 (arXiv 2509.26328), sub-block cache",
});
