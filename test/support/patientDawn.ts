/**
 * Dawn's binding for Node polls for completed work with `setImmediate`, which keeps a core busy. With a software adapter
 * the compute threads lack that core (measured: half of all CPU time). Here it polls once per millisecond. Remove this when
 * the binding waits for events.
 */
const immediate = globalThis.setImmediate;

/** Dawn's callback is native and has no parameters; a promise's `resolve`, also native, has one. */
function isDawns(callback: (...values: never[]) => unknown): boolean {
  if (callback.length > 0 || callback.name !== "") return false;
  return Function.prototype.toString.call(callback).includes("[native code]");
}

function patient(callback: (...values: unknown[]) => void, ...values: unknown[]): unknown {
  return isDawns(callback) ? setTimeout(callback, 1, ...values) : immediate(callback, ...values);
}

// Test files that share a process share its globals: replace the function once.
if (immediate.name !== patient.name) {
  globalThis.setImmediate = Object.assign(patient, immediate) as typeof setImmediate;
}
