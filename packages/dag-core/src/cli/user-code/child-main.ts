import { toError } from "../../kernel/errors.ts";
import { explainedFileError } from "../../kernel/file-error.ts";
import { answer } from "./answer.ts";
import type { UserMessage, UserRequest } from "./messages.ts";

/** Fulfilled when the message has left this process: what follows may block it for good. */
function tell(message: UserMessage): Promise<void> {
  return new Promise((resolve) => {
    if (process.connected) process.send?.(message, undefined, undefined, () => resolve());
    else resolve();
  });
}

async function serve(request: UserRequest): Promise<void> {
  try {
    await tell({ type: "result", value: await answer(request, tell) });
  } catch (thrown) {
    const error = explainedFileError(toError(thrown));
    const code = "code" in error && typeof error.code === "string" ? error.code : "UNEXPECTED";
    const message = code.startsWith("TIDEMILL_") ? error.message : (error.stack ?? error.message);
    await tell({ type: "error", code, message });
  }
}

process.once("message", (request: UserRequest) => void serve(request));
process.once("disconnect", () => process.exit());
