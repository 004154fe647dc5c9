/** The model models/tiny behind a socket, for tests with unmodified clients. */
import type { AddressInfo } from "node:net";
import { type ServerType, serve } from "@hono/node-server";
import { afterAll } from "vitest";
import { appOf, loadTiny, withCanvas } from "../support/tiny.ts";

export { model } from "../support/tiny.ts";

export const question = "sort 42 17 90";
export const answer = "17 42 90";

/** Starts a server for the tests of a file, and stops it after them. */
export async function servedTiny(): Promise<{ readonly baseURL: string }> {
  const engine = await loadTiny();
  const { fetch } = appOf(withCanvas(engine, 16));
  const server = await new Promise<ServerType>((resolve) => {
    const started = serve({ fetch, port: 0, hostname: "127.0.0.1" }, () => resolve(started));
  });
  afterAll(async () => {
    server.close();
    await engine.dispose();
  });
  return { baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1` };
}
