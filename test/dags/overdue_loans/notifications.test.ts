import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { http } from "@tidemill/tasks/http";
import { overdueLoans } from "../../../dags/connections.ts";
import { fillOutbox } from "../../../dags/overdue_loans/lib/notices/fill-outbox.ts";
import { findDue } from "../../../dags/overdue_loans/lib/notices/find-due.ts";
import { gatewayProvider } from "../../../dags/overdue_loans/lib/notices/gateway-provider.ts";
import { measure } from "../../../dags/overdue_loans/lib/notices/measure.ts";
import type { NotificationProvider } from "../../../dags/overdue_loans/lib/notices/provider.ts";
import { sendNotices } from "../../../dags/overdue_loans/lib/notices/send-notices.ts";
import { runSqlFile } from "../../../dags/overdue_loans/lib/sql-file.ts";
import overdueNotifications from "../../../dags/overdue_loans/overdue_notifications.ts";
import { httpServer } from "../../helpers/http-server.ts";
import { type LoanHouse, loanHouse, record, runDag } from "./loans.ts";

let house: LoanHouse;

beforeAll(async () => {
  house = await loanHouse();
  await house.writePart(1, {
    clients: [record.client(1), record.client(2)],
    loans: [record.loan(1, "A"), record.loan(2, "B")],
    payments: [],
  });
  await house.load({ part: 1 });
});
afterAll(async () => house[Symbol.asyncDispose]());

/** Payments of client 1 with a plan of 10,000; each with its planned day, day of payment and amount. */
const given = async (
  ...payments: readonly (readonly [planned: string, paid: string, amount?: number])[]
) => {
  await house.query("truncate staging.payments, core.payments, ops.due_payment restart identity");
  await house.query("truncate ops.notification_outbox restart identity");
  await house.query("truncate ops.notification_report, ops.simulation");
  for (const [index, [planned, paid, amount = 10_000]] of payments.entries()) {
    await house.query(
      "insert into staging.payments values (default, 1, 'A', $1, $2, $3, $4, 'payments_1.json', now())",
      [index + 1, planned, paid, amount],
    );
  }
  await using ctx = house.context();
  const db = await ctx.open(overdueLoans);
  await db.transaction((tx) =>
    runSqlFile(tx, "transform/core/payments.sql", { file_name: "payments_1.json" }),
  );
};
/** All tasks of the DAG for one day. */
const day = (date: string) =>
  runDag(overdueNotifications, { connections: house.connections, params: { date } });
const outbox = async () =>
  (
    await house.query<{ notice: string }>(
      "select payment_number || ' ' || stage || ' ' || status || ' ' || coalesce(sent_on::text, reason, '') as notice from ops.notification_outbox order by coalesce(sent_on, '2999-01-01'), id",
    )
  ).map((row) => row.notice);
/** One run at a moment of the clock, as a schedule starts it. */
const at = async (moment: string, provider?: NotificationProvider) => {
  const now = new Date(moment);
  await using ctx = house.context({ runType: "scheduled" });
  const due = await findDue(ctx, {}, now);
  await fillOutbox(ctx, due.day, {}, now);
  return await sendNotices(ctx, { now, ...(provider && { provider }) });
};

describe("stages", () => {
  test("each is sent once on its day, until the payment is made", async () => {
    await given(["2024-03-10", "2024-04-20"]);
    for (const date of [
      "2024-03-06",
      "2024-03-07",
      "2024-03-08",
      "2024-03-10",
      "2024-03-11",
      "2024-03-12",
      "2024-03-17",
      "2024-03-24",
      "2024-04-09",
      "2024-04-10",
      "2024-04-25",
    ]) {
      await day(date);
    }
    expect(await outbox()).toEqual([
      "1 reminder sent 2024-03-07",
      "1 due_today sent 2024-03-10",
      "1 overdue_1 sent 2024-03-11",
      "1 overdue_7 sent 2024-03-17",
      "1 overdue_14 sent 2024-03-24",
      "1 overdue_30 sent 2024-04-09",
    ]);
  });

  test("stop when paid: nothing after the day of payment", async () => {
    await given(["2024-03-10", "2024-03-15"]);
    for (const date of ["2024-03-11", "2024-03-15", "2024-03-17", "2024-03-24"]) await day(date);
    expect(await outbox()).toEqual(["1 overdue_1 sent 2024-03-11"]);
  });

  test("what is short stays open for the rest of it", async () => {
    await given(["2024-03-10", "2024-03-09", 9_000]);
    await day("2024-03-12");
    expect(
      await house.query("select shortfall, priority::text from ops.notification_outbox"),
      // Two days x 1,000 x (1 + 1) / (1 + 2).
    ).toEqual([{ shortfall: 1_000, priority: "1333.3340" }]);
  });

  test("a payment of tomorrow is open today, also when it was made the day after", async () => {
    await given(["2024-03-10", "2024-03-08"]);
    await day("2024-03-07");
    await day("2024-03-08");
    expect(await outbox()).toEqual(["1 reminder sent 2024-03-07"]);
  });
});

describe("max one notice a day per client", () => {
  test("the most pressing one is sent, the others wait for the next days", async () => {
    await given(
      ["2024-03-10", "2024-06-01"],
      ["2024-03-11", "2024-06-01"],
      ["2024-03-12", "2024-06-01"],
    );
    await day("2024-03-13");
    expect(await outbox()).toEqual([
      "1 overdue_1 sent 2024-03-13",
      "2 overdue_1 suppressed one_a_day",
      "3 overdue_1 suppressed one_a_day",
    ]);
    await day("2024-03-14");
    await day("2024-03-15");
    expect(await outbox()).toEqual([
      "1 overdue_1 sent 2024-03-13",
      "2 overdue_1 sent 2024-03-14",
      "3 overdue_1 sent 2024-03-15",
    ]);
  });

  test("a second run on one day sends nothing and changes nothing", async () => {
    await given(["2024-03-10", "2024-06-01"], ["2024-03-11", "2024-06-01"]);
    await day("2024-03-13");
    const { "ops.due_payment": _, ...before } = await house.checksums();
    const again = await day("2024-03-13");
    expect(again.get("send")?.output).toEqual({ sent: 0, failed: 0 });
    expect(await house.checksums()).toMatchObject(before);
  });

  test("the database itself refuses a second one", async () => {
    await given(["2024-03-10", "2024-06-01"], ["2024-03-11", "2024-06-01"]);
    await day("2024-03-13");
    await expect(
      house.query(
        "update ops.notification_outbox set status = 'sent', sent_at = now(), sent_on = '2024-03-13'",
      ),
    ).rejects.toThrow("notification_outbox_one_a_day");
  });
});

describe("none between 21:00 and 09:00", () => {
  test.each([
    ["2024-03-11T08:59:59Z", 0],
    ["2024-03-11T09:00:00Z", 1],
    ["2024-03-11T20:59:59Z", 1],
    ["2024-03-11T21:00:00Z", 0],
    ["2024-03-11T23:30:00Z", 0],
  ])("at %s: %i", async (moment, sent) => {
    await given(["2024-03-10", "2024-06-01"]);
    expect(await at(moment)).toMatchObject({ sent });
  });

  test("what was held goes out the next morning, once", async () => {
    await given(["2024-03-10", "2024-06-01"]);
    expect(await at("2024-03-11T22:00:00Z")).toMatchObject({ held: "quiet_hours" });
    expect(await outbox()).toEqual(["1 overdue_1 pending "]);
    expect(await at("2024-03-12T09:00:00Z")).toEqual({ sent: 1, failed: 0 });
    expect(await at("2024-03-12T10:00:00Z")).toEqual({ sent: 0, failed: 0 });
    expect(await outbox()).toEqual(["1 overdue_1 sent 2024-03-12"]);
  });

  test("hours and days are those of NOTIFY_TZ", async () => {
    process.env["NOTIFY_TZ"] = "Asia/Novosibirsk";
    try {
      await given(["2024-03-10", "2024-06-01"]);
      expect(await at("2024-03-10T15:00:00Z")).toMatchObject({ held: "quiet_hours" });
      expect(await at("2024-03-11T02:00:00Z")).toMatchObject({ sent: 1 });
      process.env["NOTIFY_TZ"] = "Mars/Base";
      await expect(at("2024-03-11T02:00:00Z")).rejects.toThrow('NOTIFY_TZ is "Mars/Base"');
    } finally {
      delete process.env["NOTIFY_TZ"];
    }
  });

  test("notices of days that are gone reach nobody, whatever the provider", async () => {
    await given(["2024-03-10", "2024-06-01"]);
    process.env["NOTIFY_PROVIDER"] = "gateway";
    try {
      await day("2024-03-11");
      expect(await house.query("select provider_id from ops.notification_outbox")).toEqual([
        { provider_id: expect.stringMatching(/^console-/) },
      ]);
    } finally {
      delete process.env["NOTIFY_PROVIDER"];
    }
  });
});

describe("provider adapters", () => {
  const gateway = async (url: string) =>
    gatewayProvider(await http("gateway").open(url, new AbortController().signal));

  test("the gateway is given channel, template and what is missing, with a key for each notice", async () => {
    await using server = await httpServer(() => ({ body: { id: "m-1" } }));
    await given(["2024-03-10", "2024-06-01"]);
    const address = `${server.url.replace("http://", "http://me:token-17@")}/v1`;
    await at("2024-03-11T09:00:00Z", await gateway(address));
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]).toMatchObject({
      method: "POST",
      url: "/v1/messages",
      headers: { authorization: "Bearer token-17", "idempotency-key": "1/A/1/overdue_1" },
    });
    expect(JSON.parse(server.requests[0]?.body ?? "")).toEqual({
      channel: "sms",
      template: "payment_missed",
      to: { client_id: 1, name: "Клиент 1", phone: null },
      values: { loan: "A", payment: 1, shortfall: 10_000 },
    });
    expect(await house.query("select provider_id, attempts from ops.notification_outbox")).toEqual([
      { provider_id: "m-1", attempts: 1 },
    ]);
  });

  test("a notice that is not taken is tried by the next runs, three times in all", async () => {
    await using server = await httpServer(() => ({ status: 400, body: "no such template" }));
    await given(["2024-03-10", "2024-06-01"]);
    const provider = await gateway(server.url);
    for (const hour of ["09", "10", "11"]) {
      expect(await at(`2024-03-11T${hour}:00:00Z`, provider)).toEqual({ sent: 0, failed: 1 });
    }
    expect(await at("2024-03-11T12:00:00Z", provider)).toEqual({ sent: 0, failed: 0 });
    expect(server.requests).toHaveLength(3);
    expect(
      await house.query("select status, attempts, reason from ops.notification_outbox"),
    ).toEqual([{ status: "failed", attempts: 3, reason: expect.stringContaining("answered 400") }]);
  });

  test("a provider that reaches people is not asked in the hours of quiet of the clock", async () => {
    await using server = await httpServer(() => ({ body: { id: "m-1" } }));
    await given(["2024-03-10", "2024-06-01"]);
    await using ctx = house.context({ runType: "manual" });
    const replay = { date: "2024-03-11" };
    await findDue(ctx, replay);
    await fillOutbox(ctx, "2024-03-11", replay);
    const provider = await gateway(server.url);
    const night = { ...replay, now: new Date("2024-05-01T23:00:00Z"), provider };
    expect(await sendNotices(ctx, night)).toMatchObject({ held: "quiet_hours" });
    expect(server.requests).toEqual([]);
  });
});

describe("the report", () => {
  test("gives cure rate, cost per cured, sent and suppressed", async () => {
    await given(
      ["2024-03-10", "2024-03-14"],
      ["2024-03-09", "2024-06-01"],
      ["2024-03-08", "2024-06-01"],
    );
    // One a day: the oldest, then the next, then the one that is paid on the 14th.
    for (const date of ["2024-03-11", "2024-03-12", "2024-03-13"]) await day(date);
    await using ctx = house.context();
    expect(await measure(ctx, "2024-03-17", {})).toMatchObject({ matured: 0, cureRate: null });
    await using later = house.context();
    expect(await measure(later, "2024-03-20", {})).toMatchObject({
      matured: 3,
      cured: 1,
      cureRate: "33.33",
      // Three SMS.
      costPerCured: "9.00",
    });
  });

  test("compares the batch letter with the stages: calls saved", async () => {
    await given(
      ["2024-01-10", "2024-01-20"],
      ["2024-02-10", "2024-01-30"],
      ["2024-03-10", "2024-08-01"],
    );
    await using ctx = house.context();
    const { callsSaved } = await measure(ctx, "2024-07-01", { simulationDays: 182 });
    // Before: two loans on the first of February to June give ten letters; the payment of March is open on three of
    // those days. After: notices of days -3, 0, 1, 7 for January and March, a call and a hand-over for March.
    expect(
      await house.query(
        "select policy, letters, notices, calls, hand_overs, overdue_contacts, cured, cost::text from ops.simulation order by policy desc",
      ),
    ).toEqual([
      {
        policy: "before",
        letters: 10,
        notices: 0,
        calls: 3,
        hand_overs: 0,
        overdue_contacts: 3,
        cured: 0,
        cost: "630.00",
      },
      {
        policy: "after",
        letters: 0,
        notices: 8,
        calls: 1,
        hand_overs: 1,
        overdue_contacts: 6,
        cured: 1,
        cost: "366.80",
      },
    ]);
    expect(callsSaved).toBe(2);
  });
});

test("a backfill of past days gives the same as running them day by day", async () => {
  const payments = [
    ["2024-03-10", "2024-03-15"],
    ["2024-03-11", "2024-06-01"],
    ["2024-03-12", "2024-06-01", 9_000],
  ] as const;
  const days = ["2024-03-11", "2024-03-12", "2024-03-13", "2024-03-14", "2024-03-19"];
  await given(...payments);
  for (const date of days) await day(date);
  const byDay = await house.checksums();
  await given(...payments);
  for (const date of days) {
    const end = `${date}T09:00:00Z`;
    const start = new Date(Date.parse(end) - 86_400_000).toISOString();
    await runDag(overdueNotifications, {
      connections: house.connections,
      runType: "backfill",
      dataInterval: { start, end },
    });
  }
  expect(await house.checksums()).toEqual(byDay);
});
