import type { Outcome } from "../definition/outcome.ts";
import type { JsonValue } from "../kernel/json.ts";
import { createRedactor, type Redactor } from "../kernel/redact.ts";

/** Shorter secrets cannot be told from ordinary data; in an output they are left, in messages they are not. */
const shortestInOutput = 12;

export type OutcomeMask = (outcome: Outcome) => Outcome;

/**
 * Masks secrets in what attempts bring back, before it is stored: in messages every known one, in outputs and cursors
 * those that are long enough to be nothing else.
 *
 * @param secrets The values to mask.
 * @param redactor Masks them all; for messages.
 */
export function outcomeMask(secrets: readonly string[], redactor: Redactor): OutcomeMask {
  const long = createRedactor(secrets.filter((secret) => secret.length >= shortestInOutput));
  const maskJson = (json: string): string => {
    if (long.redact(json) === json) return json;
    return JSON.stringify(long.redactJson(JSON.parse(json) as JsonValue));
  };
  return (outcome) => masked(outcome, (text) => redactor.redact(text), maskJson);
}

type Mask = (text: string) => string;

function masked(outcome: Outcome, redact: Mask, maskJson: Mask): Outcome {
  switch (outcome.kind) {
    case "success": {
      const { output, state, events } = outcome;
      return {
        ...outcome,
        ...(output !== undefined && { output: maskJson(output) }),
        ...(state && { state: mapValues(state, maskJson) }),
        ...(events && {
          events: events.map((event) => ({ ...event, payload: maskJson(event.payload) })),
        }),
      };
    }
    case "failed": {
      const { class: name, message, stack } = outcome.error;
      const texts = { class: redact(name), message: redact(message) };
      return {
        ...outcome,
        error: { ...outcome.error, ...texts, ...(stack && { stack: redact(stack) }) },
      };
    }
    case "skipped":
    case "lost":
      return { ...outcome, message: redact(outcome.message) };
    case "trigger":
      return { ...outcome, params: maskJson(outcome.params) };
    case "defer":
    case "reschedule":
    case "wrong_version":
      return outcome;
  }
}

function mapValues(values: Readonly<Record<string, string>>, map: Mask): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, map(value)]));
}
