// What the types refuse.
import { decoder, type EngineHandle } from "unmask";

export const asText = (engine: EngineHandle) => engine.generate({ prompt: "a", genLength: "8" });
export const nameless = decoder({ help: "Has no name.", parameters: {}, commit() {} });
