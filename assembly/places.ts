/** Fixed addresses below `--memoryBase`. */

/** The state of the current job: see control.ts. */
export const controlAddress: usize = 64;
/** The arguments of the current job; each kernel has a structure of its own there. */
export const argumentsAddress: usize = 128;
/** While weights are packed: 32 numbers of each row of a panel, [8][32] bytes. */
export const stagingAddress: usize = 512;
