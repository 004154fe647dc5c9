export * from "./layout.ts";
export * from "./structures.ts";
