/** silu(gate) * up of rows that hold both: [gate | up]. */
import { parallel } from "./control";
import { gated } from "./math";
import { argumentsAddress } from "./places";
import { Task } from "./task";

@unmanaged
class GateJob {
  gateUp: usize;
  out: usize;
  width: i32;
}
const job = changetype<GateJob>(argumentsAddress);

/** @param width elements of gate, and of a row of `out` */
export function gate(gateUp: usize, out: usize, rows: i32, width: i32): void {
  job.gateUp = gateUp;
  job.out = out;
  job.width = width;
  parallel(Task.gate, rows);
}

export function gateTask(row: i32): void {
  const bytes = <usize>job.width << 2;
  const at = job.gateUp + 2 * <usize>row * bytes;
  gateRow(at, at + bytes, job.out + <usize>row * bytes, job.width);
}

export function gateRow(gates: usize, ups: usize, out: usize, width: i32): void {
  const whole = <usize>(width & ~3) << 2;
  for (let at: usize = 0; at < whole; at += 16)
    v128.store(out + at, gated(v128.load(gates + at), v128.load(ups + at)));
  for (let at = whole; at < <usize>width << 2; at += 4) {
    const value = gated(f32x4.splat(load<f32>(gates + at)), f32x4.splat(load<f32>(ups + at)));
    store<f32>(out + at, f32x4.extract_lane(value, 0));
  }
}
