import type { HeadRequest } from "../../../core/tensor/index.ts";
import type { HostPass, HostSlot } from "../../host/pass.ts";

/** A wanted row of a pass. */
export interface HeadRow {
  readonly request: HeadRequest;
  readonly requestIndex: number;
  /** The row's index among those of its request. */
  readonly index: number;
  readonly slot: HostSlot;
}

/** The wanted rows of all requests, in order. */
export function headRowsOf({ head, spans }: HostPass): readonly HeadRow[] {
  return head.flatMap((request, requestIndex) => {
    const slot = spans[request.span]!.memory;
    return request.positions.map((_, index) => ({ request, requestIndex, index, slot }));
  });
}
