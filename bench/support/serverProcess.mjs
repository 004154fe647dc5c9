/** Runs `unmask serve` as a separate process on a free port. Needs dist/. */
import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

export class ServerProcess {
  /** For example `http://127.0.0.1:41234`. */
  url = "";
  output = "";
  errors = "";
  #child;
  #ended;

  /** Resolves once the server listens. @param args further arguments of `serve` */
  static async start(args = [], { command = [process.execPath, main], env = {} } = {}) {
    const server = new ServerProcess();
    const [program, ...first] = command;
    const child = spawn(program, [...first, "serve", "--port", "0", ...args], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...env },
    });
    server.#child = child;
    child.stderr.setEncoding("utf8").on("data", (text) => {
      server.errors += text;
    });
    server.#ended = new Promise((resolve) => child.on("close", (code, signal) => resolve(code ?? signal)));
    await new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code) => reject(new Error(`serve ended with ${code}: ${server.errors}`)));
      child.stdout.setEncoding("utf8").on("data", (text) => {
        server.output += text;
        // The server prints its address and its models in one write.
        const [, url] = /^Listening on (\S+)\n/.exec(server.output) ?? [];
        if (url) {
          server.url = url;
          resolve();
        }
      });
    });
    return server;
  }

  /** Resolves with the exit code, or with the name of the signal that ended the process. */
  get ended() {
    return this.#ended;
  }

  signal(name) {
    this.#child.kill(name);
  }

  /** Sends a signal. @returns the same as `ended` */
  stop(signal = "SIGTERM") {
    this.signal(signal);
    return this.#ended;
  }

  /** The values of metrics without labels, or with the label `model` only, by name. */
  async metrics() {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    const lines = text.matchAll(/^(\w+)(?:\{model="[^"]*"\})? (\S+)$/gm);
    return Object.fromEntries([...lines].map(([, name, value]) => [name, Number(value)]));
  }
}
