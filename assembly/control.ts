/**
 * Jobs on several threads. A job is a number of independent tasks. Each thread is an instance of this module over the same
 * memory; the engine's thread publishes a job and takes tasks like the others, so a job ends even if no other thread runs.
 * Which thread runs a task never changes its result. Where a model takes several memories, the threads follow its jobs from one
 * to the next.
 */
import { unpackedBytes } from "./panel";
import { controlAddress } from "./places";
import { runTask } from "./tasks";

@unmanaged
class Control {
  /** 24 bits: the number of the job. 20 bits: its tasks. 20 bits: the next task. One word, so that a claim is consistent. */
  claim: i64;
  /** The number of the job, which idle threads wait on; negative when they shall leave this memory. */
  signal: i32;
  /** Completed tasks of the job. */
  done: i32;
  /** Threads that wait. */
  sleeping: i32;
  task: i32;
}
const claimAt: usize = controlAddress + offsetof<Control>("claim");
const signalAt: usize = controlAddress + offsetof<Control>("signal");
const doneAt: usize = controlAddress + offsetof<Control>("done");
const sleepingAt: usize = controlAddress + offsetof<Control>("sleeping");
const taskAt: usize = controlAddress + offsetof<Control>("task");

const countBits: i64 = 20;
const countMask: i64 = (1 << 20) - 1;
const jobMask: i32 = (1 << 24) - 1;

/** About 30 µs: longer than the host takes from one job to the next, shorter than a thread takes to wake. */
const spins: i32 = 20000;
const napNs: i64 = 100000;

/** Memory of this thread alone. */
export let scratch: usize = 0;
/** The part of it where columns of weights are unpacked (unpackedPanel.ts). */
export let unpacked: usize = 0;
let otherThreads: i32 = 0;
let mayWait: bool = false;
let job: i32 = 0;

/**
 * Prepares this instance.
 * @param threads other threads that take tasks
 * @param waits whether the thread may block, which the main thread of a page may not
 */
export function attach(ownScratch: usize, threads: i32, waits: bool): void {
  unpacked = ownScratch;
  scratch = ownScratch + unpackedBytes;
  otherThreads = threads;
  mayWait = waits;
}

/** Runs the tasks [0, count) of a job. The arguments of the job are in memory already. */
export function parallel(task: i32, count: i32): void {
  if (otherThreads == 0 || count < 2) {
    for (let index = 0; index < count; index++) runTask(task, index);
    return;
  }
  store<i32>(taskAt, task);
  atomic.store<i32>(doneAt, 0);
  job = (job + 1) & jobMask;
  atomic.store<i64>(claimAt, ((<i64>job) << (2 * countBits)) | ((<i64>count) << countBits));
  atomic.store<i32>(signalAt, job);
  if (atomic.load<i32>(sleepingAt) > 0) atomic.notify(signalAt, -1);
  takeTasks();
  let spun = 0;
  for (let done = atomic.load<i32>(doneAt); done < count; done = atomic.load<i32>(doneAt)) {
    if (mayWait && ++spun > spins) atomic.wait<i32>(doneAt, done, napNs);
  }
}

/**
 * The life of every other thread, as long as the jobs are those of this memory.
 * @returns the number of the memory that has the jobs now; negative if the thread shall end
 */
export function work(): i32 {
  let signal = 0;
  while (signal >= 0) {
    takeTasks();
    signal = otherSignal(signal);
  }
  return (signal & i32.MAX_VALUE) - 1;
}

/** Waits until the signal is another one than before. */
function otherSignal(before: i32): i32 {
  let now = atomic.load<i32>(signalAt);
  for (let spun = 0; now == before; now = atomic.load<i32>(signalAt)) {
    if (++spun < spins) continue;
    atomic.add<i32>(sleepingAt, 1);
    atomic.wait<i32>(signalAt, before, -1);
    atomic.sub<i32>(sleepingAt, 1);
  }
  return now;
}

/** The jobs are those of this memory from now on. Called before `leave` in the memory that had them. */
export function enter(): void {
  atomic.store<i32>(signalAt, job);
}

/**
 * Sends the other threads to another memory.
 * @param to its number; -1 ends the threads
 */
export function leave(to: i32): void {
  atomic.store<i32>(signalAt, i32.MIN_VALUE | (to + 1));
  atomic.notify(signalAt, -1);
}

function takeTasks(): void {
  for (;;) {
    const claimed = atomic.add<i64>(claimAt, 1);
    const index = <i32>(claimed & countMask);
    if (index >= <i32>((claimed >> countBits) & countMask)) return;
    runTask(load<i32>(taskAt), index);
    atomic.add<i32>(doneAt, 1);
  }
}
