export interface StartOptions {
  /** The program and its first arguments. Default: Node with dist/. */
  readonly command?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}
export class ServerProcess {
  static start(args?: readonly string[], options?: StartOptions): Promise<ServerProcess>;
  readonly url: string;
  readonly output: string;
  readonly errors: string;
  readonly ended: Promise<number | string>;
  signal(name: NodeJS.Signals): void;
  stop(signal?: NodeJS.Signals): Promise<number | string>;
  metrics(): Promise<Readonly<Record<string, number>>>;
}
