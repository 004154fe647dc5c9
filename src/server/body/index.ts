export { parseJson } from "./parseJson.ts";
export { type BodyLimits, defaultBodyLimits, readBody } from "./readBody.ts";
