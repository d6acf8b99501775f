import { type AlertPayload, isFailure } from "../kernel/alert.ts";
import type { Told, ToldThing } from "../store/alert-told.ts";
import { clearCommand } from "./commands.ts";
import { bold, clean, code, counted, idLimit, type Line, plain, render } from "./lines.ts";
import { errorLines, type Written } from "./message.ts";

const mostThings = 10;

/**
 * The message about many alerts: `17 tasks failed in 3 runs of orders_daily`, then what happened, the most frequent
 * first, with an example of each.
 *
 * @param last The latest of them; the command is about it.
 */
export function summaryMessage(told: Told, last: AlertPayload | undefined): Written {
  const ofTasks = told.things.filter(({ kind }) => kind !== "dag_run.failed");
  const things = ofTasks.length > 0 ? ofTasks : told.things;
  const body = [[bold(titleOf(told))], ...things.slice(0, mostThings).flatMap(thingLines)];
  const rest = things.length - mostThings;
  if (rest > 0) body.push([plain("and more")]);
  return render({ body, tail: tailLines(told, last) });
}

function titleOf({ things, failures, runs, dags, alerts }: Told): string {
  const [first] = things;
  const where = dags > 1 ? counted(dags, "DAG") : clean(first?.payload.dagId ?? "", idLimit);
  if (!things.every(({ kind }) => isFailure(kind)))
    return `${counted(alerts, "alert")} of ${where}`;
  if (failures === 0) return `${counted(runs, "run")} of ${where} failed`;
  return `${counted(failures, "task")} failed in ${counted(runs, "run")} of ${where}`;
}

function thingLines({ kind, payload, alerts }: ToldThing): readonly Line[] {
  const { dagId, taskId } = payload;
  const subject = taskId === undefined ? dagId : `${dagId} ${taskId}`;
  const what = isFailure(kind) ? "" : ` ${kind.replace(/^\w+\./, "").replaceAll("_", " ")}`;
  const head = [code(clean(subject, idLimit)), plain(`${what} ${counted(alerts, "time")}`)];
  return [head, ...errorLines(payload)];
}

/** The command for the latest of them; the others are in the list of runs. */
function tailLines({ dags }: Told, last: AlertPayload | undefined): readonly Line[] {
  const dagId = last && dags === 1 ? ` ${last.dagId}` : "";
  const list: Line = [plain("Look: "), code(`tidemill runs list${dagId} --state failed`)];
  return last && dags === 1 ? [list, [plain("Run again: "), code(clearCommand(last))]] : [list];
}
