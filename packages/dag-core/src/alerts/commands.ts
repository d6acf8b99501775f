import type { AlertPayload } from "../kernel/alert.ts";

/**
 * The command that shows the log of what an alert is about.
 *
 * @example logCommand(payload) // "tidemill logs orders_daily scheduled__2026-01-31 load"
 */
export function logCommand(payload: AlertPayload): string {
  const target = [payload.dagId, payload.runId, payload.taskId].filter((id) => id !== undefined);
  return `tidemill logs ${target.join(" ")}${mapOption(payload)}`;
}

/** The command that makes it run again. */
export function clearCommand(payload: AlertPayload): string {
  const target = [payload.dagId, payload.runId, payload.taskId].filter((id) => id !== undefined);
  return `tidemill tasks clear ${target.join(" ")}${mapOption(payload)}`;
}

const mapOption = ({ mapIndex = -1 }: AlertPayload): string =>
  mapIndex < 0 ? "" : ` --map-index ${mapIndex}`;

/** The command that shows how far a run is, and what holds it. */
export const runsCommand = ({ dagId, runId }: AlertPayload): string =>
  `tidemill runs show ${dagId} ${runId}`;
