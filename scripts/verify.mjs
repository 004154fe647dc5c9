// Everything, with all of the oracle's traces in each runtime. Takes long.
import { everything } from "./everything.mjs";

await everything("all");
