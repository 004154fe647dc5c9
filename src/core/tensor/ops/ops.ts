import { attention } from "./attention.ts";
import { couplings } from "./couplings.ts";
import { embed } from "./embed.ts";
import { expertsDown } from "./expertsDown.ts";
import { expertsUp } from "./expertsUp.ts";
import { headStatistics } from "./headStatistics.ts";
import { mlp } from "./mlp.ts";
import type { Node, Op } from "./op.ts";
import { project } from "./project.ts";
import { qkv } from "./qkv.ts";
import { route } from "./route.ts";
import { selectRows } from "./selectRows.ts";

/** All ops by name. A new op needs a file in this folder, a line here, and an implementation in each backend. */
export const ops = {
  embed,
  qkv,
  attention,
  couplings,
  project,
  mlp,
  route,
  expertsUp,
  expertsDown,
  selectRows,
  headStatistics,
};

export type OpName = keyof typeof ops;
/** The node type of an op, with its names of inputs and outputs and its attributes. */
export type NodeOf<Name extends OpName> =
  (typeof ops)[Name] extends Op<infer N, infer Inputs, infer Outputs, infer Attributes>
    ? Node<N, Inputs, Outputs, Attributes>
    : never;
