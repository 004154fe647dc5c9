export { referencePolicies } from "./referencePolicies.ts";
