/**
 * The decode loop beside a host backend, with decoders run as they are: it says what a device's loop does, and other
 * backends' loops are held against it. A submission's passes run one after the other, behind those of earlier submissions.
 */

import type { DecodedTokens } from "../../core/diffusion/index.ts";
import { bug } from "../../core/error.ts";
import {
  type Backend,
  type DeviceLoop,
  type DeviceReport,
  type DeviceRow,
  type DeviceSubmission,
  type DeviceTicket,
  type HeadRequest,
  rowsOf,
  type SlotId,
  type Span,
} from "../../core/tensor/index.ts";
import { type LoopPass, LoopRow } from "./loopRow.ts";

const maxPasses = 8;
const maxBlocks = 64;

export class HostDeviceLoop implements DeviceLoop {
  /** The host's loop is as fast, and reports every step when it is made. */
  readonly preferred = false;
  readonly maxPasses = maxPasses;
  readonly maxSubmissions = 2;
  readonly maxBlocks = maxBlocks;
  readonly #backend: Pick<Backend, "submit" | "commit">;
  readonly #decodedOf: (slot: SlotId) => DecodedTokens;
  /** By the slot that names a row. */
  readonly #rows = new Map<SlotId, LoopRow>();
  readonly #reports = new Map<DeviceTicket, Promise<readonly DeviceReport[]>>();
  #last: Promise<unknown> = Promise.resolve();
  #tickets = 0;

  /** @param decodedOf the living tokens of a slot */
  constructor(backend: Pick<Backend, "submit" | "commit">, decodedOf: (slot: SlotId) => DecodedTokens) {
    this.#backend = backend;
    this.#decodedOf = decodedOf;
  }

  decides(): boolean {
    return true;
  }

  async submit(submission: DeviceSubmission): Promise<DeviceTicket> {
    const report = this.#last.then(() => this.#run(submission));
    // A failure is the report's, which is taken later.
    this.#last = report.catch(() => {});
    this.#reports.set(++this.#tickets, report);
    return this.#tickets;
  }

  async report(ticket: DeviceTicket): Promise<readonly DeviceReport[]> {
    const report = this.#reports.get(ticket);
    if (!report) throw bug(`Submission ${ticket} does not exist, or its report was taken before`);
    this.#reports.delete(ticket);
    return report;
  }

  /** Forgets the row of a slot. */
  close(slot: SlotId): void {
    this.#rows.delete(slot);
  }

  async #run({ passes, rows }: DeviceSubmission): Promise<readonly DeviceReport[]> {
    const own = rows.map((row) => this.#rowOf(row));
    for (let pass = 0; pass < passes; pass++) {
      const active = own.flatMap((row) => row.next() ?? []);
      if (active.length === 0) break;
      await this.#pass(active);
    }
    return own.map((row) => row.takeReport());
  }

  #rowOf(row: DeviceRow): LoopRow {
    const [slot] = row.slots;
    const known = this.#rows.get(slot!);
    const own = known ?? new LoopRow(this.#decodedOf(slot!));
    own.accept(row);
    this.#rows.set(slot!, own);
    return own;
  }

  async #pass(active: readonly LoopPass[]): Promise<void> {
    const spans: Span[] = [];
    const head: HeadRequest[] = [];
    for (const { slots, pass, head: wanted, guidanceScale: scale } of active) {
      const span = spans.length;
      for (const slot of slots) spans.push({ ...pass.span, slot });
      const guidance = scale === undefined ? undefined : { span: span + 1, scale };
      head.push({ ...wanted, span, guidance });
    }
    const statistics = await this.#backend.submit({ spans, head });
    const changes = active.flatMap((next, request) => {
      const change = next.row.decide(next, rowsOf(statistics, request), request);
      return change ? next.slots.map((slot) => ({ slot, ...change })) : [];
    });
    await this.#backend.commit(changes);
    for (const { row } of active) row.advance();
  }
}
