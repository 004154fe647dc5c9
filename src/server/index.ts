export { ApiError, type ErrorBody } from "./apiError.ts";
export { type AppOptions, createApp } from "./app.ts";
export type * from "./observer.ts";
export { serverParameters } from "./parameters.ts";
