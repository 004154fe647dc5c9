import { bug } from "../../../core/error.ts";
import type { PlanNode } from "../../../core/tensor/index.ts";
import type { Kernel } from "../../host/pass.ts";
import type { Memory } from "../pass.ts";
import { attention } from "./attention.ts";
import { couplings } from "./couplings.ts";
import { embed } from "./embed.ts";
import { expertsDown } from "./expertsDown.ts";
import { expertsUp } from "./expertsUp.ts";
import { headStatistics } from "./headStatistics.ts";
import { mlp } from "./mlp.ts";
import { project } from "./project.ts";
import { qkv } from "./qkv.ts";
import { route } from "./route.ts";
import { selectRows } from "./selectRows.ts";

/** Binds a node of a Plan to memory. */
export function bind(node: PlanNode, memory: Memory): Kernel {
  switch (node.op) {
    case "embed":
      return embed(node, memory);
    case "qkv":
      return qkv(node, memory);
    case "attention":
      return attention(node, memory);
    case "couplings":
      return couplings(node, memory);
    case "project":
      return project(node, memory);
    case "mlp":
      return mlp(node, memory);
    case "route":
      return route(node, memory);
    case "expertsUp":
      return expertsUp(node, memory);
    case "expertsDown":
      return expertsDown(node, memory);
    case "selectRows":
      return selectRows(node, memory);
    case "headStatistics":
      return headStatistics(node, memory);
    default:
      throw bug(`The CPU backend has no op '${(node as { op: string }).op}'`);
  }
}
