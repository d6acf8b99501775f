import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { connectionPrefix } from "./connections.ts";
import { tidemillError } from "./errors.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** A secret may stand in a file that the variable `<NAME>_FILE` names. */
export const fileSuffix = "_FILE";

/**
 * The value of a variable, of a secret also from its file. An empty one counts as absent, as compose files set it for
 * what `.env` leaves out.
 *
 * @throws TidemillError `TIDEMILL_CONFIG_INVALID` where both are set, or the file has nothing to read
 */
export function readVariable(
  env: Environment,
  cwd: string,
  { name, isSecret }: { readonly name: string; readonly isSecret: boolean },
): string | undefined {
  const value = env[name] || undefined;
  const file = isSecret ? env[name + fileSuffix] || undefined : undefined;
  if (file === undefined) return value;
  if (value === undefined) return readSecretFile(name + fileSuffix, resolve(cwd, file));
  throw tidemillError("TIDEMILL_CONFIG_INVALID", {
    name: name + fileSuffix,
    value: file,
    problem: `and ${name} is set too`,
    remedy: "set one of the two",
  });
}

function readSecretFile(name: string, file: string): string {
  const { text, problem } = readText(file);
  if (text !== "") return text;
  const remedy = "name a file that holds the value alone";
  throw tidemillError("TIDEMILL_CONFIG_INVALID", { name, value: file, problem, remedy });
}

function readText(file: string): { readonly text: string; readonly problem: string } {
  try {
    return { text: readFileSync(file, "utf8").trim(), problem: "which is empty" };
  } catch (error) {
    const { code = "unknown" } = error as NodeJS.ErrnoException;
    return { text: "", problem: `which cannot be read (${code})` };
  }
}

/** The addresses in the variables of connections, by what follows the prefix. */
export function readConnections(env: Environment, cwd: string): Readonly<Record<string, string>> {
  const names = Object.keys(env).filter((name) => name.startsWith(connectionPrefix));
  const bare = new Set(names.map((name) => name.replace(/_FILE$/, "")));
  const found = [...bare].flatMap((name) => {
    const uri = readVariable(env, cwd, { name, isSecret: true });
    return uri === undefined ? [] : [[name.slice(connectionPrefix.length), uri] as const];
  });
  return Object.fromEntries(found);
}
