import { tidemill } from "./cli.ts";

export interface CommandResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  /** The settings; those of the process around the test are left out. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs one command line of the real program in a process of its own, knowing nothing of the machine's stack. */
export async function runCli(
  args: readonly string[],
  { env = {} }: CommandOptions = {},
): Promise<CommandResult> {
  const alone = { TIDEMILL_STACK_FILE: "/nowhere/stack.json", ...env };
  const { code: exitCode, stdout, stderr } = await tidemill(args, alone);
  return { exitCode, stdout, stderr };
}
