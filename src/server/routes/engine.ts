/** The endpoints below /engine: the interface of an engine as it is, for programs that know unmask's events. */
import type { GenerateEvent } from "../../core/index.ts";
import { frame } from "../answer/sse.ts";
import { streamAnswer } from "../answer/streamAnswer.ts";
import type { AppContext, GeneratedCounts } from "../observer.ts";
import { type EngineGenerateBody, type OpenSchema, readRequest } from "../schema/index.ts";
import { requireContext } from "./generating.ts";
import type { Models } from "./models.ts";
import type { RouteOptions } from "./route.ts";

/** GET /engine/info/{id} */
export function engineInfo(c: AppContext, models: Models): Response {
  return c.json(models.choose(c, c.req.param("id")).handle.info);
}

/** GET /engine/status/{id} */
export async function engineStatus(c: AppContext, models: Models): Promise<Response> {
  return c.json(await models.choose(c, c.req.param("id")).handle.status());
}

/** POST /engine/generate */
export async function engineGenerate(
  c: AppContext,
  schema: OpenSchema<EngineGenerateBody>,
  options: RouteOptions,
): Promise<Response> {
  const { model, request } = await readRequest(c, schema, options);
  const { handle } = options.models.choose(c, model);
  requireContext(handle.info, request);
  const { observation } = c.var;
  const leaving = new AbortController();
  const signal = AbortSignal.any([c.req.raw.signal, leaving.signal]);
  return streamAnswer(c, handle.generate(request, { signal }), {
    framesOf: (event) => {
      if (event.type === "progress" && event.text) observation.noteToken();
      if (event.type === "done") {
        observation.noteToken();
        observation.note({ generated: countsOf(event) });
      }
      return [frame(event)];
    },
    last: () => [],
    leaving,
    heartbeatMs: options.heartbeatMs,
  });
}

function countsOf({ usage }: Extract<GenerateEvent, { type: "done" }>): GeneratedCounts {
  const { promptTokens, completionTokens, forwards, queuedMs, decodeMs } = usage;
  return { choices: 1, promptTokens, completionTokens, forwards, queuedMs, decodeMs };
}
