import { expect, test } from "@jest/globals";
import { exitCodeOf } from "../../../packages/dag-core/src/cli/exit-codes.ts";
import { explainedFileError } from "../../../packages/dag-core/src/kernel/file-error.ts";

const systemError = (code: string) =>
  Object.assign(new Error(`${code}: refused, mkdir '/ro/.tidemill'`), {
    code,
    syscall: "mkdir",
    path: "/ro/.tidemill",
  });

test.each(["EACCES", "EPERM", "EROFS"])("%s is told as a place that is closed", (code) => {
  const error = explainedFileError(systemError(code));
  expect(error).toMatchObject({
    code: "TIDEMILL_PATH_CLOSED",
    message: `"/ro/.tidemill" is closed to this process (mkdir: ${code}); give its user the right to read and write there, or choose another folder`,
  });
  expect(exitCodeOf("TIDEMILL_PATH_CLOSED")).toBe(2);
});

test("any other error stays what it is", () => {
  for (const error of [systemError("EIO"), new Error("EACCES")])
    expect(explainedFileError(error)).toBe(error);
});
