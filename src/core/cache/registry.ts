import { block } from "./block.ts";
import { dual } from "./dual.ts";
import { none } from "./none.ts";
import type { CachePolicy } from "./policy.ts";
import { prefix } from "./prefix.ts";
import { referencePolicies } from "./reference/index.ts";
import { subBlock } from "./subBlock.ts";
import { vicinity } from "./vicinity.ts";

/** The cache policies. A new policy needs a file in this folder and a line here. */
export const cachePolicies: readonly CachePolicy[] = [
  none,
  prefix,
  dual,
  vicinity,
  block,
  subBlock,
  ...referencePolicies,
];
