import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { messageLimit } from "../../../packages/dag-core/src/alerts/lines.ts";
import { messageOf, type ToldAlert } from "../../../packages/dag-core/src/alerts/message.ts";
import { alertKinds, type AlertPayload } from "../../../packages/dag-core/src/kernel/alert.ts";
import { htmlProblem } from "../../helpers/telegram-server.ts";
import { draw } from "../../helpers/property.ts";

const payload: AlertPayload = {
  dagId: "orders_daily",
  runId: "scheduled__2026-03-28T21:00:00Z",
  reason: "error",
  dataInterval: { start: "2026-03-28T23:00:00Z", end: "2026-03-29T22:00:00Z" },
  timezone: "Europe/Berlin",
};
const task = (facts: Partial<AlertPayload> = {}): ToldAlert => ({
  kind: "task_instance.failed",
  payload: {
    ...payload,
    taskId: "load",
    tryNumber: 3,
    maxTries: 3,
    durationMs: 12_500,
    error: { class: "TypeError", message: 'a < b & "c"\nsecond line' },
    ...facts,
  },
});
const run = (facts: Partial<AlertPayload> = {}): ToldAlert => ({
  kind: "dag_run.failed",
  payload: { ...payload, ...facts },
});

describe("messageOf", () => {
  test("tells of a failed task what a person needs to know", () => {
    expect(messageOf([task()]).text.split("\n")).toEqual([
      "Task load of DAG orders_daily failed",
      "Run: scheduled__2026-03-28T21:00:00Z",
      "Interval: 2026-03-29 00:00 to 2026-03-30 00:00 (Europe/Berlin)",
      "Task: load failed try 3/3 after 12.5s",
      'TypeError: a < b & "c"',
      "Log: tidemill logs orders_daily scheduled__2026-03-28T21:00:00Z load",
      "Run again: tidemill tasks clear orders_daily scheduled__2026-03-28T21:00:00Z load",
    ]);
  });

  test("says the same in HTML, escaped", () => {
    const { html } = messageOf([task({ mapIndex: 4 })]);
    expect(html).toContain("<code>TypeError: a &lt; b &amp; &quot;c&quot;</code>");
    expect(html).toContain("<b>Task load of DAG orders_daily failed</b>");
    expect(html).toContain("load --map-index 4</code>");
  });

  test("makes one message of a run and the tasks that failed it", () => {
    const { text } = messageOf([task(), task({ taskId: "extract" }), run({ durationMs: 60_000 })]);
    expect(text).toMatch(/^DAG orders_daily failed\n/);
    expect(text).toMatch(/Task: load .*Task: extract /s);
    expect(text).toContain("Duration: 1m");
    expect(text).toMatch(/Log: tidemill logs orders_daily scheduled__2026-03-28T21:00:00Z\n/);
  });

  test("gives the reason of a run that failed by itself", () => {
    expect(messageOf([run({ reason: "params" })]).text).toContain("Reason: params");
  });

  test.each([
    ["task_instance.retry_scheduled", "Task load of DAG orders_daily will be retried"],
    ["dag_run.succeeded", "DAG orders_daily succeeded"],
    ["alert.test", "Test alert"],
  ] as const)("has a title for %s", (kind, title) => {
    const facts = kind === "task_instance.retry_scheduled" ? task().payload : payload;
    expect(messageOf([{ kind, payload: facts }]).text.split("\n")[0]).toBe(title);
  });

  test("shows a zone that is none as UTC", () => {
    expect(messageOf([task({ timezone: "Mars/Base" })]).text).toContain(
      "23:00 to 2026-03-29 22:00 (UTC)",
    );
  });

  test("keeps the commands when there are more tasks than fit", () => {
    const tasks = Array.from({ length: 50 }, (_, n) =>
      task({ taskId: `load_${n}`, error: { class: "Error", message: "x".repeat(2_000) } }),
    );
    const { html } = messageOf([...tasks, run()]);
    expect(html).toMatch(/load_0<.*\n\.\.\.\nLog: .*\nRun again: [^\n]*$/s);
    expect(html.length).toBeLessThanOrEqual(messageLimit);
  });

  test("is never longer than Telegram takes, and well-formed, whatever the alerts say", () => {
    const wild = fc.oneof(
      fc.string({ unit: "binary", maxLength: 6_000, size: "max" }),
      fc.constant('&<>"'.repeat(2_000)),
      fc.constant("\u{1F600}".repeat(3_000)),
      fc.constant("<b><img src=x onerror=alert(1)>"),
    );
    const alert = fc.record({
      kind: fc.constantFrom(...alertKinds),
      payload: fc.record(
        {
          dagId: wild,
          runId: wild,
          taskId: wild,
          reason: wild,
          timezone: wild,
          error: fc.record({ class: wild, message: wild }),
        },
        { requiredKeys: ["dagId", "runId", "reason", "timezone"] },
      ),
    });
    fc.assert(
      fc.property(fc.array(alert, { minLength: 1, maxLength: 60 }), (alerts) => {
        const { html, text } = messageOf(alerts);
        expect(html.length).toBeLessThanOrEqual(messageLimit);
        expect(text.length).toBeLessThanOrEqual(messageLimit);
        expect(html).not.toBe("");
        expect(htmlProblem(html)).toBeUndefined();
        expect(html.isWellFormed() && text.isWellFormed()).toBe(true);
      }),
      { ...draw, numRuns: 100 },
    );
  });
});
