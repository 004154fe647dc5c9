/** What the help of the program says of its commands, in its order, so that the help needs none of their modules. */
import type { Command } from "commander";

export const overview = {
  generate: {
    usage: "[options] [prompt...]",
    description: "Answer one prompt. On a terminal, show the canvas being unmasked.",
  },
  infill: {
    usage: "[options] <template>",
    description: "Fill the holes of a text, and print the whole text.",
  },
  chat: {
    usage: "[options]",
    description: "Chat with the model: one line per turn, typed or piped in.",
  },
  batch: {
    usage: "[options]",
    description: "Answer the requests of a file, several at a time. Resumes an interrupted run.",
  },
  serve: {
    usage: "[options]",
    description: "Serve models through an OpenAI-compatible HTTP API.",
  },
  replay: {
    usage: "[options] <file>",
    description: "Play back a saved trace: on a terminal as a live view, in a pipe as one line per step.",
  },
  compare: {
    usage: "[options] <left> <right>",
    description: "Compare two saved traces of the same prompt: their costs and the first difference.",
  },
  eval: {
    usage: "[options]",
    description: "Run tasks under several configurations, and compare accuracy and speed.",
  },
  tune: {
    usage: "[options]",
    description: "Search decoders, caches and their parameters on your tasks, and write presets.",
  },
  info: {
    usage: "[options]",
    description: "Print a model's architecture, memory, and available decoders, caches and parameters.",
  },
  explain: {
    usage: "[options]",
    description:
      "Print the nodes of a forward pass with shapes, bytes, operations and launches, and its memory.",
  },
  convert: {
    usage: "[options] <source> <target>",
    description: "Write a model as a GGUF file or as a safetensors folder, quantized or not.",
  },
  debug: {
    usage: "",
    description: "Print results for comparison with other implementations, as JSON.",
  },
  completion: {
    usage: "<shell>",
    description: "Print a shell completion script for commands, options and their values.",
  },
} as const;

export type CommandName = keyof typeof overview;

/** Adds a command with its description. */
export function addNamed(program: Command, name: CommandName): Command {
  return program.command(name).description(overview[name].description);
}

/** Adds all commands as the help of the program shows them. They do nothing. */
export function addOverview(program: Command): void {
  for (const [name, { usage, description }] of Object.entries(overview))
    program.command(`${name} ${usage}`).description(description);
}
