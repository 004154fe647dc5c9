export type {} from "../../core/platformTypes.ts";
export { cpu } from "./cpu.ts";
