/**
 * Dawn's binding to Node asks whether something has ended by `setImmediate`, again and again: it keeps a core busy, and
 * on a software adapter takes that core from the threads that compute (measured: half of all CPU time). Here it asks
 * once a millisecond. Goes when the binding waits by itself.
 */
const immediate = globalThis.setImmediate;

/** Dawn's callback is native and takes nothing; a promise's `resolve`, which is native too, takes a value. */
function isDawns(callback: (...values: never[]) => unknown): boolean {
  if (callback.length > 0 || callback.name !== "") return false;
  return Function.prototype.toString.call(callback).includes("[native code]");
}

function patient(callback: (...values: unknown[]) => void, ...values: unknown[]): unknown {
  return isDawns(callback) ? setTimeout(callback, 1, ...values) : immediate(callback, ...values);
}

// Files that share a process share its globals.
if (immediate.name !== patient.name) {
  globalThis.setImmediate = Object.assign(patient, immediate) as typeof setImmediate;
}
