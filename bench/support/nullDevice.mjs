// A device that decides by itself and computes nothing: each step of a row commits the next positions of its block. It
// counts what a real device would be given.

export class NullDeviceLoop {
  preferred = true;
  maxPasses = 8;
  maxSubmissions = 2;
  maxBlocks = 64;
  counts = { submissions: 0, passes: 0, rows: 0, steps: 0, blocks: 0, withTwoUnderWay: 0 };
  #perStep;
  /** By slot: the block's index, the next position, the passes made. */
  #rows = new Map();
  #reports = new Map();
  #tickets = 0;

  /** @param perStep positions that a step commits */
  constructor(perStep) {
    this.#perStep = perStep;
  }

  decides() {
    return true;
  }

  async submit({ passes, rows }) {
    const { counts } = this;
    counts.submissions++;
    counts.passes += passes;
    counts.rows += rows.length;
    if (this.#reports.size > 0) counts.withTwoUnderWay++;
    this.#reports.set(
      ++this.#tickets,
      rows.map((row) => this.#run(row, passes)),
    );
    return this.#tickets;
  }

  async report(ticket) {
    const report = this.#reports.get(ticket);
    this.#reports.delete(ticket);
    return report;
  }

  #run({ slots, entry, firstBlock, blocks, passLimit }, passes) {
    const [slot] = slots;
    let row = this.#rows.get(slot);
    if (entry && (!row || row.index !== firstBlock)) {
      const [{ end, openAtStart }] = blocks;
      row = { index: firstBlock, at: end - openAtStart, passes: entry.passes };
      this.#rows.set(slot, row);
    }
    const steps = [];
    while (steps.length < passes && row.passes < passLimit) {
      const block = blocks[row.index - firstBlock];
      if (!block) break;
      row.at = Math.max(row.at, block.start);
      const end = Math.min(row.at + this.#perStep, block.end);
      const positions = [];
      const tokens = [];
      const confidences = [];
      for (let position = row.at; position < end; position++) {
        positions.push(position);
        tokens.push(5);
        confidences.push(0.9);
      }
      steps.push({ commits: { positions, tokens, confidences }, edits: noWrites });
      row.at = end;
      row.passes++;
      if (end === block.end) {
        row.index++;
        this.counts.blocks++;
      }
    }
    this.counts.steps += steps.length;
    return { steps, invalid: undefined };
  }
}

const noWrites = { positions: [], tokens: [], confidences: [] };
