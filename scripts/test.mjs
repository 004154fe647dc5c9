// The checks of continuous integration, with two traces of each configuration on WebGPU in each runtime.
import { everything } from "./everything.mjs";

await everything("some");
