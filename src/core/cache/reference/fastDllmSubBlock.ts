import { subBlock } from "../subBlock.ts";
import { everyPass } from "./everyPass.ts";

/** The passes of `subBlock` over a prompt that is encoded at once. */
export const fastDllmSubBlock = everyPass({
  ...subBlock,
  name: "fastDllmSubBlock",
  help: "For comparison: as 'subBlock', with the prompt in one pass, and passes on finished blocks where iterations are unrolled.",
  source: "Fast-dLLM v2 (arXiv 2509.26328), sub-block cache",
});
