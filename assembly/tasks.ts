/** Finds the code of a task by its kind. */
import { packTask } from "./activations";
import { attentionTask } from "./attention";
import { couplingsTask } from "./couplings";
import { embedTask } from "./embed";
import { combineTask } from "./experts";
import { gateTask } from "./gate";
import { mixtureTask } from "./mixture";
import { normTask } from "./norm";
import { productTask } from "./product";
import { rowsOfQkvTask } from "./qkv";
import { sampleTask } from "./sample";
import { selectRowsTask } from "./selectRows";
import { statisticsTask } from "./statistics";
import { Task } from "./task";

export function runTask(task: i32, index: i32): void {
  switch (task) {
    case Task.pack:
      return packTask(index);
    case Task.product:
      return productTask(index);
    case Task.gate:
      return gateTask(index);
    case Task.norm:
      return normTask(index);
    case Task.combine:
      return combineTask(index);
    case Task.rowsOfQkv:
      return rowsOfQkvTask(index);
    case Task.attention:
      return attentionTask(index);
    case Task.couplings:
      return couplingsTask(index);
    case Task.embed:
      return embedTask(index);
    case Task.selectRows:
      return selectRowsTask(index);
    case Task.statistics:
      return statisticsTask(index);
    case Task.sample:
      return sampleTask(index);
    case Task.mixture:
      return mixtureTask(index);
    default:
      unreachable();
  }
}
