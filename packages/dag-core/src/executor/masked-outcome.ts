import type { Outcome } from "../definition/outcome.ts";

/** An outcome whose texts went through the redactor. */
export function maskedOutcome(outcome: Outcome, redact: (text: string) => string): Outcome {
  if (outcome.kind === "failed") {
    const { class: name, message, stack } = outcome.error;
    const error = { class: name, message: redact(message), ...(stack && { stack: redact(stack) }) };
    return { ...outcome, error };
  }
  if (outcome.kind === "skipped" || outcome.kind === "lost") {
    return { ...outcome, message: redact(outcome.message) };
  }
  return outcome;
}
