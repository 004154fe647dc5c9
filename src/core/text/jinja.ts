/**
 * Jinja for chat templates: @huggingface/jinja 0.5.11, corrected where its output differs from Python's Jinja. In the
 * library `{% continue %}` and `{% break %}` lose the output of the current iteration, `strip`, `lstrip` and `rstrip`
 * ignore their argument, maps have only string keys, month names depend on the system's language, and white space is
 * JavaScript's.
 */
import { Environment, Interpreter, parse, tokenize } from "@huggingface/jinja";
import { pythonStrip } from "./pythonStrip.ts";
import { strftime } from "./strftime.ts";

/** The used part of the library's values. */
interface Value {
  readonly type: string;
  value: unknown;
  toString(): string;
}
/** The used part of the library's syntax nodes. */
interface Node {
  readonly type: string;
  readonly [field: string]: unknown;
}
interface LibraryInterpreter {
  evaluate(node: Node | undefined, scope: Environment): Value;
  evaluateBlock(nodes: readonly Node[], scope: Environment): Value;
}
const Base = Interpreter as unknown as new (globals: Environment) => LibraryInterpreter;

/** The error that the library throws for `continue` and `break`, extended by the output of the current iteration. */
type Control = Error & { output?: string };

const empty = new Environment();
const [continues, breaks] = ["Continue", "Break"].map((type) => {
  try {
    new Base(empty).evaluate({ type }, empty);
  } catch (error) {
    return (error as Error).constructor;
  }
  return undefined;
});
const isControl = (error: unknown): error is Control =>
  error instanceof Error && (error.constructor === continues || error.constructor === breaks);

const text = (value: string): Node => ({ type: "StringLiteral", value });
/** Wraps a value as a node, so that no expression is evaluated twice. */
const evaluated = (value: Value): Node => ({ type: "Evaluated", value });
/** A key of a map: numbers, booleans and null become strings. */
const textKey = (key: Value): Node =>
  ["IntegerValue", "FloatValue", "BooleanValue", "NullValue"].includes(key.type)
    ? text(String(key.value))
    : evaluated(key);
const isMap = ({ type }: Value) => type === "ObjectValue";

class CorrectedInterpreter extends Base {
  readonly #loopBodies = new WeakSet<readonly Node[]>();
  /** Scopes of loops that ended with `break`. */
  readonly #brokenLoops = new WeakSet<Environment>();

  override evaluate(node: Node | undefined, scope: Environment): Value {
    switch (node?.type) {
      case "Evaluated":
        return node["value"] as Value;
      case "For":
        this.#loopBodies.add(node["body"] as readonly Node[]);
        break;
      case "ObjectLiteral":
        return super.evaluate({ ...node, value: this.#withTextKeys(node["value"], scope) }, scope);
      case "MemberExpression":
        return super.evaluate(this.#member(node, scope), scope);
      case "BinaryExpression":
        return super.evaluate(this.#membership(node, scope), scope);
      case "CallExpression":
        return this.#call(node, scope);
      case "FilterExpression": {
        const { type, value } = node["filter"] as Node;
        if (type === "Identifier" && value === "trim") return this.#trimmed(node, scope);
      }
    }
    return super.evaluate(node, scope);
  }

  override evaluateBlock(nodes: readonly Node[], scope: Environment): Value {
    const out = super.evaluateBlock([], scope);
    const inLoop = this.#loopBodies.has(nodes);
    if (inLoop && this.#brokenLoops.has(scope)) return out;
    let output = "";
    try {
      for (const node of nodes) {
        const value = this.evaluate(node, scope);
        if (value.type !== "NullValue" && value.type !== "UndefinedValue") output += value.toString();
      }
    } catch (error) {
      if (!isControl(error)) throw error;
      error.output = output + (error.output ?? "");
      if (!inLoop) throw error;
      // The library runs the remaining iterations; they produce no output.
      if (error.constructor === breaks) this.#brokenLoops.add(scope);
      output = error.output;
    }
    out.value = output;
    return out;
  }

  /** `{1: "a"}` */
  #withTextKeys(pairs: unknown, scope: Environment): Map<Node, Node> {
    return new Map(
      [...(pairs as Map<Node, Node>)].map(([key, value]) => [textKey(this.evaluate(key, scope)), value]),
    );
  }

  /** `map[1]` */
  #member(node: Node, scope: Environment): Node {
    const property = node["property"] as Node;
    if (node["computed"] !== true || property.type === "SliceExpression") return node;
    const object = this.evaluate(node["object"] as Node, scope);
    const key = this.evaluate(property, scope);
    return {
      ...node,
      object: evaluated(object),
      property: isMap(object) ? textKey(key) : evaluated(key),
    };
  }

  /** `1 in map` */
  #membership(node: Node, scope: Environment): Node {
    const { value: operator } = node["operator"] as Node;
    if (operator !== "in" && operator !== "not in") return node;
    const left = this.evaluate(node["left"] as Node, scope);
    const right = this.evaluate(node["right"] as Node, scope);
    return { ...node, left: isMap(right) ? textKey(left) : evaluated(left), right: evaluated(right) };
  }

  /** `text.strip("x")` and `map.get(1)` */
  #call(node: Node, scope: Environment): Value {
    const callee = node["callee"] as Node;
    const name = callee.type === "MemberExpression" ? (callee["property"] as Node)["value"] : undefined;
    const args = node["args"] as readonly Node[];
    const strips = name === "strip" || name === "lstrip" || name === "rstrip";
    if (callee["computed"] === true || !(strips || name === "get")) return super.evaluate(node, scope);
    const object = this.evaluate(callee["object"] as Node, scope);
    const first = args[0] && this.evaluate(args[0], scope);
    if (strips && object.type === "StringValue")
      return this.#stripped(object, { name, characters: first?.value, scope });
    const key = first && (isMap(object) ? textKey(first) : evaluated(first));
    return super.evaluate(
      {
        ...node,
        callee: { ...callee, object: evaluated(object) },
        args: key ? [key, ...args.slice(1)] : args,
      },
      scope,
    );
  }

  #trimmed(node: Node, scope: Environment): Value {
    const operand = this.evaluate(node["operand"] as Node, scope);
    if (operand.type !== "StringValue")
      return super.evaluate({ ...node, operand: evaluated(operand) }, scope);
    return this.#stripped(operand, { name: "strip", characters: undefined, scope });
  }

  #stripped(
    object: Value,
    { name, characters, scope }: { name: string; characters: unknown; scope: Environment },
  ): Value {
    const out = super.evaluateBlock([], scope);
    out.value = pythonStrip(String(object.value), {
      left: name !== "rstrip",
      right: name !== "lstrip",
      ...(typeof characters === "string" ? { characters } : {}),
    });
    return out;
  }
}

/** Renders a template with variables. */
export type Render = (variables: Readonly<Record<string, unknown>>) => string;

/** @throws the library's Error for an invalid template; the returned function throws if rendering fails */
export function compileJinja(source: string): Render {
  const program = parse(tokenize(source, { lstrip_blocks: true, trim_blocks: true })) as unknown as Node;
  return (variables) => {
    const scope = new Environment();
    const globals = { ...constants, raise_exception: raise, range, strftime_now: now };
    for (const [name, value] of Object.entries({ ...globals, ...variables })) scope.set(name, value);
    return String(new CorrectedInterpreter(scope).evaluate(program, scope).value);
  };
}

const constants = { true: true, false: false, none: null, True: true, False: false, None: null };

const raise = (message: string): never => {
  throw new Error(message);
};

const now = (format: string) => strftime(new Date(), format);

/** Python's `range`. */
function range(first: number, second?: number, step = 1): number[] {
  const [start, stop] = second === undefined ? [0, first] : [first, second];
  const count = step === 0 ? 0 : Math.max(0, Math.ceil((stop - start) / step));
  return Array.from({ length: count }, (_, index) => start + index * step);
}
