/** POST /tokenize and /detokenize */
import type { AppContext } from "../observer.ts";
import { chatMessages, detokenizeSchema, readRequest, tokenizeSchema } from "../schema/index.ts";
import { refuse } from "./generating.ts";
import type { RouteOptions } from "./route.ts";

export async function tokenize(c: AppContext, options: RouteOptions): Promise<Response> {
  const body = await readRequest(c, tokenizeSchema, options);
  const { handle } = options.models.choose(c, body.model);
  const { prompt, messages, special, return_token_strs: withTexts } = body;
  if ((prompt === undefined) === (messages === undefined))
    refuse("prompt", "exactly one of 'prompt' and 'messages' is required");
  if (messages && special !== undefined) refuse("special", "'special' requires 'prompt'");
  const tokens = messages
    ? await handle.tokenize(chatMessages(messages))
    : await handle.tokenize(prompt!, { special: special ?? "plain" });
  const texts = withTexts ? { token_strs: await handle.tokenTexts(tokens) } : {};
  return c.json({ count: tokens.length, max_model_len: handle.info.context, tokens, ...texts });
}

export async function detokenize(c: AppContext, options: RouteOptions): Promise<Response> {
  const body = await readRequest(c, detokenizeSchema, options);
  const { handle } = options.models.choose(c, body.model);
  const { tokens, return_token_strs: withTexts } = body;
  const texts = withTexts ? { token_strs: await handle.tokenTexts(tokens) } : {};
  return c.json({ prompt: await handle.detokenize(tokens), ...texts });
}
