/** The final norm of the wanted rows; a guided row is u + (scale + 1)(c - u). */
import { parallel, scratch } from "./control";
import { normRow } from "./math";
import { argumentsAddress } from "./places";
import { Task } from "./task";

@unmanaged
class SelectRowsJob {
  x: usize;
  norm: usize;
  width: i32;
  epsilon: f64;
  rows: usize;
  out: usize;
}
const job = changetype<SelectRowsJob>(argumentsAddress);

/** A wanted row. */
@unmanaged
class WantedRow {
  row: i32;
  /** The row without a prompt; negative for none. */
  unguided: i32;
  scale: f32;
}

/** @param rows for each wanted row: its row of x, that without a prompt, and the scale of guidance */
export function selectRows(
  x: usize,
  norm: usize,
  width: i32,
  epsilon: f64,
  rows: usize,
  count: i32,
  out: usize,
): void {
  job.x = x;
  job.norm = norm;
  job.width = width;
  job.epsilon = epsilon;
  job.rows = rows;
  job.out = out;
  parallel(Task.selectRows, count);
}

export function selectRowsTask(index: i32): void {
  const width = job.width;
  const bytes = <usize>width << 2;
  const wanted = changetype<WantedRow>(job.rows + <usize>index * offsetof<WantedRow>());
  const out = job.out + <usize>index * bytes;
  normRow(job.x + <usize>wanted.row * bytes, job.norm, out, width, job.epsilon);
  if (wanted.unguided < 0) return;
  normRow(job.x + <usize>wanted.unguided * bytes, job.norm, scratch, width, job.epsilon);
  const factor = wanted.scale + 1;
  for (let at: usize = 0; at < bytes; at += 4) {
    const u = load<f32>(scratch + at);
    store<f32>(out + at, u + factor * (load<f32>(out + at) - u));
  }
}
