// One side of a comparison, in a process of its own that works only when it is called.
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(import.meta.url);

export class Contestant {
  about = "";
  #child;
  #answer;

  /**
   * @param module beside this file; exports `open(options)`, which resolves to an object with methods
   * @throws if it cannot be opened
   */
  static async start(module, options) {
    const contestant = new Contestant();
    const child = fork(script, [JSON.stringify({ module, options })], { serialization: "advanced" });
    contestant.#child = child;
    const ready = contestant.#next();
    child.on("message", (message) => contestant.#answer?.(message));
    child.on("exit", (code) =>
      contestant.#answer?.({ error: `${module} of ${JSON.stringify(options)} ended with ${code}` }),
    );
    contestant.about = await ready;
    return contestant;
  }

  /** Makes a step. @returns what the side says of its time in milliseconds, and the processor time of all its threads */
  async step() {
    return this.call("step");
  }

  /** Calls a method of what the module opened. */
  async call(method) {
    const answer = this.#next();
    this.#child.send({ method });
    return answer;
  }

  async stop() {
    const exit = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#answer = undefined;
    this.#child.send({ method: "exit" });
    await exit;
  }

  #next() {
    return new Promise((resolve, reject) => {
      this.#answer = ({ value, error }) => (error === undefined ? resolve(value) : reject(new Error(error)));
    });
  }
}

if (process.argv[1] === script && process.send) {
  const { module, options } = JSON.parse(process.argv[2]);
  const answer = async (work) => {
    try {
      process.send({ value: await work() });
    } catch (error) {
      process.send({ error: error.stack });
    }
  };
  let side;
  const timedStep = async () => {
    const before = process.cpuUsage();
    const ms = await side.step();
    const { user, system } = process.cpuUsage(before);
    return { ms, cpuMs: (user + system) / 1000 };
  };
  process.on("message", ({ method }) => {
    if (method === "exit") process.exit();
    answer(method === "step" ? timedStep : () => side[method]());
  });
  await answer(async () => {
    const { open } = await import(module);
    side = await open(options);
    return side.about;
  });
}
