import type { NodeOf } from "../../../core/tensor/index.ts";
import type { Kernel } from "../../host/pass.ts";
import { dtypeNumber } from "../dtypeNumber.ts";
import type { Workspace } from "../workspace.ts";

export function attention(node: NodeOf<"attention">, { kernels, lists, tensors }: Workspace): Kernel {
  const { heads, kvHeads, headDimension, scale } = node.attributes;
  const query = tensors.address(node.inputs.query!);
  const keys = tensors.kept(node.inputs.keys!);
  const values = tensors.kept(node.inputs.values!);
  const out = tensors.address(node.outputs.attnOutput);
  lists.placeTasks(node.attributes);
  return (pass) => {
    lists.place(pass);
    const tasks = lists.tasks(pass, node.attributes);
    kernels.attention({
      query,
      keys: keys.address,
      values: values.address,
      cacheDType: dtypeNumber(keys.dtype),
      heads,
      kvHeads,
      width: headDimension,
      scale,
      tasks: tasks.address,
      taskCount: tasks.count,
      visible: lists.visible,
      hidden: lists.hidden(pass),
      out,
    });
  };
}
