import path from "node:path";
import type { Config } from "../kernel/config.ts";
import { tidemillError } from "../kernel/errors.ts";
import { note } from "./output.ts";

/** What is used of `@tidemill/local`, which need not be installed. */
interface LocalStackModule {
  startStack(options: {
    readonly directory: string;
    readonly services: readonly string[];
    readonly databases?: readonly string[];
    readonly onProgress: (line: string) => void;
  }): Promise<{ stop(): Promise<void> }>;
  readStackFile(directory: string): object | undefined;
}

export interface LocalStackOptions {
  readonly services: readonly string[];
  readonly databases: readonly string[];
}

/**
 * Starts the local stack of this folder, unless it runs already; its addresses are in the file that the settings name.
 *
 * @returns what stops it
 * @throws TidemillError `TIDEMILL_DATABASE_MISSING` when `@tidemill/local` is not installed
 */
export async function ensureLocalStack(
  { stackFile }: Config,
  { services, databases }: LocalStackOptions,
): Promise<() => Promise<void>> {
  const local = await importLocal();
  const directory = path.dirname(stackFile);
  if (local.readStackFile(directory) !== undefined) return () => Promise.resolve();
  const stack = await local.startStack({ directory, services, databases, onProgress: note });
  return () => stack.stop();
}

/** Whether `@tidemill/local` can be loaded from here. */
export function isLocalInstalled(): boolean {
  try {
    import.meta.resolve(moduleName);
    return true;
  } catch {
    return false;
  }
}

/** Not a literal, so that the compiler does not ask for a package that may be absent. */
const moduleName: string = "@tidemill/local";

async function importLocal(): Promise<LocalStackModule> {
  if (!isLocalInstalled()) throw tidemillError("TIDEMILL_DATABASE_MISSING");
  return (await import(moduleName)) as LocalStackModule;
}
