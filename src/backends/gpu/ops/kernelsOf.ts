import { bug } from "../../../core/error.ts";
import type { PlanNode } from "../../../core/tensor/index.ts";
import { attention } from "./attention.ts";
import type { OpContext, OpKernels } from "./context.ts";
import { couplings } from "./couplings.ts";
import { embed } from "./embed.ts";
import { expertsDown, expertsUp } from "./experts.ts";
import { headStatistics } from "./headStatistics.ts";
import { mlp } from "./mlp.ts";
import { project } from "./project.ts";
import { qkv } from "./qkv.ts";
import { route } from "./route.ts";
import { selectRows } from "./selectRows.ts";

/** The kernels of a node of a Plan. */
export function kernelsOf(node: PlanNode, context: OpContext): OpKernels {
  switch (node.op) {
    case "embed":
      return embed(node, context);
    case "qkv":
      return qkv(node, context);
    case "attention":
      return attention(node, context);
    case "couplings":
      return couplings(node, context);
    case "project":
      return project(node, context);
    case "mlp":
      return mlp(node, context);
    case "route":
      return route(node, context);
    case "expertsUp":
      return expertsUp(node, context);
    case "expertsDown":
      return expertsDown(node, context);
    case "selectRows":
      return selectRows(node, context);
    case "headStatistics":
      return headStatistics(node, context);
    default:
      throw bug(`The GPU backends have no op '${(node as { op: string }).op}'`);
  }
}
