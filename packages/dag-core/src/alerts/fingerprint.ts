import { createHash } from "node:crypto";
import { type AlertKind, type AlertPayload, isFailure } from "../kernel/alert.ts";

/** What changes from one occurrence of an error to the next: times, ids, counts, what stands in quotes. */
const changing = [
  /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/gi,
  /"[^"]{0,200}"|'[^']{0,200}'|`[^`]{0,200}`/g,
  /0x[0-9a-f]+|\b(?=[a-f]*\d)[0-9a-f]{7,}\b/gi,
  /\d+/g,
];

/**
 * What two alerts that say the same have in common: task, class of the error and the first line of its message
 * without what changes each time. Empty for what is no failure.
 *
 * @example fingerprintOf("task_instance.failed", payload) // "3f0c2a9b7d51e684"
 */
export function fingerprintOf(kind: AlertKind, payload: AlertPayload): string {
  if (!isFailure(kind)) return "";
  const { taskId = "", reason, error } = payload;
  const line = error?.message.trimStart().split(/[\r\n]/, 1)[0] ?? "";
  const alike = changing.reduce((text, pattern) => text.replace(pattern, "#"), line.slice(0, 500));
  const text = JSON.stringify([kind, taskId, reason, error?.class ?? "", alike]);
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
