import { CommanderError } from "commander";
import { toError } from "../kernel/errors.ts";
import { explainedFileError } from "../kernel/file-error.ts";
import { exitCodeOf, exitCodes } from "./exit-codes.ts";
import { jsonText, note } from "./output.ts";

interface Failure {
  readonly code: string;
  readonly message: string;
  readonly exitCode: number;
}

/** Says on standard error what went wrong, without secrets. @returns the exit code */
export function reportError(error: unknown, isJson: boolean): number {
  const { code, message, exitCode } = failureOf(error);
  if (isJson) process.stderr.write(`${jsonText({ error: { code, message } })}\n`);
  else note(message);
  return exitCode;
}

function failureOf(error: unknown): Failure {
  if (error instanceof CommanderError) return usageFailure(error);
  const known = explainedFileError(toError(error));
  const code = "code" in known && typeof known.code === "string" ? known.code : "";
  if (code.startsWith("TIDEMILL_")) {
    return { code, message: known.message, exitCode: exitCodeOf(code) };
  }
  // Not foreseen: whoever reads it needs the place.
  const message = known.stack ?? known.message;
  return { code: "UNEXPECTED", message, exitCode: exitCodes.failed };
}

/** Without arguments a group prints its help, which is no answer to a question that was not asked. */
function usageFailure({ code, message }: CommanderError): Failure {
  const isHelp = code === "commander.help";
  const text = isHelp ? "A command is missing" : message.replace(/^error: /, "");
  const said = text
    .replace(/\n\(Did you mean (.*)\?\)$/s, ', did you mean "$1"?')
    .replace(/\.$/, "")
    .replace(/^./, (first) => first.toUpperCase());
  const full = `${said}; "--help" lists what there is`;
  return { code: "TIDEMILL_USAGE", message: full, exitCode: exitCodes.misuse };
}
