export * from "./choice.ts";
export * from "./parameter.ts";
