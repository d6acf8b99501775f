import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const LEAST_VERSION = 17;
const ANSWER_MS = 10_000;

export type JavaSearch =
  | { readonly found: true; readonly command: string; readonly version: string }
  | { readonly found: false; readonly reason: string };

/** Looks for Java 17 or newer: JAVA_HOME, then the path. */
export async function findJava(env: NodeJS.ProcessEnv = process.env): Promise<JavaSearch> {
  const home = env["JAVA_HOME"];
  const commands = [
    ...(home === undefined || home === "" ? [] : [join(home, "bin", "java")]),
    "java",
  ];
  const reasons: string[] = [];
  for (const command of commands) {
    const version = await versionOf(command, env);
    if (version === undefined) reasons.push(`"${command}" does not run`);
    else if (Number.parseInt(version, 10) >= LEAST_VERSION)
      return { found: true, command, version };
    else reasons.push(`"${command}" is Java ${version}`);
  }
  return { found: false, reason: reasons.join(", ") };
}

async function versionOf(command: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const answer = await run(command, ["-version"], { env, timeout: ANSWER_MS }).catch(
    () => undefined,
  );
  return answer === undefined ? undefined : /version "([^"]+)"/.exec(answer.stderr)?.[1];
}
