/** Runs the suites for an engine behind a message channel, and for one in a thread of Node, which runs dist/. */
import { expect, test } from "vitest";
import { Engine } from "../../src/core/index.ts";
import { connectEngine, serveEngine } from "../../src/remote/index.ts";
import { RemoteEngine } from "../../src/remote/remoteEngine.ts";
import { type RemoteSides, remoteSuite } from "../suites/remote.ts";
import { threadSuite } from "../suites/thread.ts";
import { cpuSurroundings } from "../support/surroundings.ts";
import { threads } from "../support/threads.ts";
import { runSuite } from "../support/vitest.ts";
import { startEngineThread } from "./built.ts";

const channels: RemoteSides = {
  async start(options) {
    const { tinyModel, backend } = cpuSurroundings;
    const { port1, port2 } = new MessageChannel();
    void serveEngine(port1, (loading) => Engine.load(tinyModel, { backend, ...loading }));
    return { engine: await connectEngine(port2, options), kill: () => port1.close() };
  },
  killed: "disposed",
};
runSuite(remoteSuite("message channel", cpuSurroundings, channels));
runSuite(remoteSuite("thread", cpuSurroundings, threads(startEngineThread)));
runSuite(threadSuite(startEngineThread));

test("RemoteEngine has every method of Engine", () => {
  const methods = ({ prototype }: { readonly prototype: object }) =>
    Object.entries(Object.getOwnPropertyDescriptors(prototype))
      .filter(([, { value }]) => typeof value === "function")
      .map(([name]) => name);
  expect(methods(Engine)).toContain("logits");
  expect(methods(RemoteEngine)).toEqual(expect.arrayContaining(methods(Engine)));
});
