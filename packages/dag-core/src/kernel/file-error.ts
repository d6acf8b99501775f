import { tidemillError } from "./errors.ts";

const closedCodes: ReadonlySet<string> = new Set(["EACCES", "EPERM", "EROFS"]);

/** What the system would not let this process do with a file or folder, as an error of ours; any other error as it is. */
export function explainedFileError(error: Error): Error {
  const { code = "", path, syscall } = error as NodeJS.ErrnoException;
  if (path === undefined || !closedCodes.has(code)) return error;
  return tidemillError("TIDEMILL_PATH_CLOSED", { path, code, syscall }, { cause: error });
}
