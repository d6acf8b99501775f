import type { Outcome } from "../definition/outcome.ts";
import { tidemillError } from "../kernel/errors.ts";
import { findText, type JsonValue } from "../kernel/json.ts";
import { isPublishable, type NamedSecret } from "../kernel/named-secrets.ts";
import { createRedactor, type Redactor } from "../kernel/redact.ts";

/** Shorter secrets, and lines of them, cannot be told from ordinary data; in an output they are left, in messages not. */
const shortestInOutput = 12;

export type OutcomeMask = (outcome: Outcome, taskId: string) => Outcome;

/**
 * Keeps secrets out of what attempts bring back, before it is stored: in messages every known one is masked. Data is
 * never changed: where an output, a state, an event or params hold one that is long enough to be nothing else, the
 * attempt fails instead.
 *
 * @param secrets What is known, with the names that the error tells.
 * @param redactor Masks them all; for messages.
 */
export function outcomeMask(secrets: readonly NamedSecret[], redactor: Redactor): OutcomeMask {
  const long = secrets.filter(({ value }) => value.length >= shortestInOutput);
  const values = long.map(({ value }) => value);
  const search = createRedactor(values, shortestInOutput);
  const holds = (text: string) => search.redact(text) !== text;
  return (outcome, taskId) => {
    for (const { part, json } of partsOf(outcome)) {
      const found = holds(json) && findText(JSON.parse(json) as JsonValue, holds);
      if (!found) continue;
      const details = { taskId, part, path: found.path, ...secretIn(found.text, long) };
      const refused = tidemillError("TIDEMILL_OUTPUT_SECRET", details);
      const error = { class: refused.name, message: redactor.redact(refused.message) };
      return { kind: "failed", reason: "serialization", error, retry: "never" };
    }
    return maskedMessages(outcome, redactor);
  };
}

/** Which secret a text holds. One that no list can open comes first: to list another would not help. */
function secretIn(text: string, secrets: readonly NamedSecret[]) {
  const plain = createRedactor([]).redact(text);
  const held = secrets.filter(
    ({ value }) => text.includes(value) || createRedactor([value]).redact(text) !== plain,
  );
  const secret = held.find(({ isByName }) => !isByName) ?? held[0];
  if (!secret) return { secret: "what looks like a bot token or the password of a URI" };
  return secret.isByName
    ? { secret: `the value of ${secret.name}`, isPublishable: isPublishable(secret.name) }
    : { secret: `a secret of ${secret.name}` };
}

interface Part {
  /** As a sentence names it. */
  readonly part: string;
  readonly json: string;
}

/** What of an outcome is data that others read. */
function partsOf(outcome: Outcome): readonly Part[] {
  if (outcome.kind === "trigger") return [{ part: "params of the run", json: outcome.params }];
  if (outcome.kind !== "success") return [];
  const { output, state = {}, events = [] } = outcome;
  return [
    ...(output === undefined ? [] : [{ part: "output", json: output }]),
    ...Object.entries(state).map(([key, json]) => ({ part: `state "${key}"`, json })),
    ...events.flatMap(({ name, payload, key }) => [
      { part: `event "${name}"`, json: payload },
      { part: `key of event "${name}"`, json: JSON.stringify(key) },
    ]),
  ];
}

function maskedMessages(outcome: Outcome, { redact }: Redactor): Outcome {
  switch (outcome.kind) {
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
    case "success":
    case "trigger":
    case "defer":
    case "reschedule":
    case "wrong_version":
      return outcome;
  }
}
