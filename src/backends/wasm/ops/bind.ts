import { bug } from "../../../core/error.ts";
import type { PlanNode } from "../../../core/tensor/index.ts";
import type { Kernel } from "../../host/pass.ts";
import type { Workspace } from "../workspace.ts";
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
export function bind(node: PlanNode, workspace: Workspace): Kernel {
  switch (node.op) {
    case "embed":
      return embed(node, workspace);
    case "qkv":
      return qkv(node, workspace);
    case "attention":
      return attention(node, workspace);
    case "couplings":
      return couplings(node, workspace);
    case "project":
      return project(node, workspace);
    case "mlp":
      return mlp(node, workspace);
    case "route":
      return route(node, workspace);
    case "expertsUp":
      return expertsUp(node, workspace);
    case "expertsDown":
      return expertsDown(node, workspace);
    case "selectRows":
      return selectRows(node, workspace);
    case "headStatistics":
      return headStatistics(node, workspace);
    default:
      throw bug(`The WebAssembly backend has no op '${(node as { op: string }).op}'`);
  }
}
