export * from "./policy.ts";
export { referencePolicies } from "./reference/index.ts";
export * from "./registry.ts";
