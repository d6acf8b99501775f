import { CommanderError } from "commander";
import { buildProgram } from "./program.ts";
import { exitCodes } from "./exit-codes.ts";
import { checkNode } from "./node-version.ts";

/**
 * Runs one command line.
 *
 * @param args Without the names of node and of the program.
 * @returns the exit code
 */
export async function runCli(args: readonly string[]): Promise<number> {
  // Whoever reads the output may have seen enough, as `head` does.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(exitCodes.done);
  });
  if (args[0] === "--version" || args[0] === "-V") {
    const { versionText } = await import("./version-text.ts");
    process.stdout.write(`${versionText()}\n`);
    return exitCodes.done;
  }
  const isJson = wantsJson(args);
  try {
    // Doctor says it among all that is wrong.
    if (args[0] !== "doctor") checkNode(process.versions.node);
    const program = await buildProgram(args);
    await program.parseAsync([...args], { from: "user" });
    return Number(process.exitCode ?? exitCodes.done);
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.done;
    const { reportError } = await import("./report-error.ts");
    return reportError(error, isJson);
  }
}

/** Errors of the command line itself come before its options are read. */
function wantsJson(args: readonly string[]): boolean {
  return args.some((arg, index) => {
    if (arg === "--output=json" || arg === "-ojson") return true;
    return (arg === "--output" || arg === "-o") && args[index + 1] === "json";
  });
}
