// All checks with all traces of the oracle in each runtime. Takes long.
import { everything } from "./everything.mjs";

await everything("all");
