import { createHmac, timingSafeEqual } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { isPublicAddress } from "../../../packages/dag-core/src/alerts/webhook-address.ts";
import { alertBench } from "../../helpers/alerts.ts";
import { type Answer, httpServer, type SeenRequest } from "../../helpers/http-server.ts";

const secret = "the-secret-of-the-receiver";

async function setup(answer: Answer = () => ({ status: 204 })) {
  const receiver = await httpServer(answer);
  const bench = await alertBench();
  const env = {
    TELEGRAM_CHAT_ID: "",
    TIDEMILL_WEBHOOK_URL: `${receiver.url}/hook`,
    TIDEMILL_WEBHOOK_SECRET: secret,
  };
  const deliveries = () =>
    bench.sql(
      `select state, attempts, unanswered, delivery_key as key, error,
         next_attempt_at = 'infinity' as is_over from alert_delivery order by alert_id`,
    );
  const dispose = async () => {
    await bench[Symbol.asyncDispose]();
    await receiver[Symbol.asyncDispose]();
  };
  const open = { ...env, TIDEMILL_WEBHOOK_PRIVATE: "true" };
  return { bench, receiver, deliveries, env, open, [Symbol.asyncDispose]: dispose };
}

/** As a receiver checks it. */
function isGenuine({ headers, body }: SeenRequest): boolean {
  const text = `${String(headers["tidemill-timestamp"])}.${body}`;
  const expected = Buffer.from(`sha256=${createHmac("sha256", secret).update(text).digest("hex")}`);
  const given = Buffer.from(String(headers["tidemill-signature"]));
  return given.length === expected.length && timingSafeEqual(given, expected);
}

describe("a webhook", () => {
  test("receives each alert once, signed, with its facts and a key of its own", async () => {
    await using given = await setup();
    const { bus } = given.bench.sender({}, given.open);
    await given.bench.raise("task_instance.failed", { run: 1 });
    await bus.next("alert.sent", { channel: "webhook" });
    await given.bench.raise("task_instance.failed", { run: 2 });
    await bus.next("alert.sent");
    const { requests } = given.receiver;
    expect(requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      "POST /hook",
      "POST /hook",
    ]);
    expect(requests.every(isGenuine)).toBe(true);
    expect(JSON.parse(requests[0]?.body ?? "")).toMatchObject({
      version: 1,
      kind: "task_instance.failed",
      dagId: "orders",
      runId: "r1",
      taskId: "load",
      delivery: requests[0]?.headers["tidemill-delivery"],
    });
    const keys = requests.map(({ headers }) => headers["tidemill-delivery"]);
    expect(keys).toEqual((await given.deliveries()).map(({ key }) => key));
    expect(new Set(keys).size).toBe(2);
  });

  test("that breaks off is asked again under the same key, as often as it takes", async () => {
    await using given = await setup((_request, n) => (n < 2 ? "hang_up" : { status: 200 }));
    const { bus } = given.bench.sender({}, given.open);
    const sent = bus.next("alert.sent");
    await given.bench.raise("dag_run.failed");
    for (let n = 0; n < 2; n++) {
      await bus.next("alert.postponed", ({ error = "" }) => error.includes("cannot be reached"));
      await given.bench.sql("update alert_delivery set next_attempt_at = now()");
    }
    await sent;
    const keys = given.receiver.requests.map(({ headers }) => headers["tidemill-delivery"]);
    expect(new Set(keys).size).toBe(1);
    expect(await given.deliveries()).toMatchObject([{ state: "sent", attempts: 3 }]);
  });

  test.each([400, 401, 403, 404, 410, 422, 301, 307])(
    "that answers %d is not asked again, and the delivery stays visible",
    async (status) => {
      const headers = { location: "http://127.0.0.1:1/elsewhere" };
      await using given = await setup(() => ({ status, headers }));
      const { bus } = given.bench.sender({}, given.open);
      await given.bench.raise("dag_run.failed");
      const { error } = await bus.next("alert.failed");
      expect(error).toContain(`answered ${status}`);
      expect(given.receiver.requests).toHaveLength(1);
      expect(await given.deliveries()).toMatchObject([{ state: "failed", is_over: true }]);
    },
  );

  test.each([408, 425, 429, 500, 503])("that answers %d is asked again", async (status) => {
    await using given = await setup((_request, n) => ({ status: n === 0 ? status : 200 }));
    const { bus } = given.bench.sender({}, given.open);
    await given.bench.raise("dag_run.failed");
    const { delayMs } = await bus.next("alert.postponed");
    expect(delayMs).toBeGreaterThanOrEqual(2_000);
    expect(delayMs).toBeLessThanOrEqual(2_400);
    await bus.next("alert.sent");
    expect(given.receiver.requests).toHaveLength(2);
  });

  test("says itself when to come again", async () => {
    await using given = await setup(() => ({ status: 503, headers: { "retry-after": "7" } }));
    const { bus } = given.bench.sender({}, given.open);
    await given.bench.raise("dag_run.failed");
    expect(await bus.next("alert.postponed")).toMatchObject({ delayMs: 7_000 });
  });

  test("at a private address is not asked unless that is allowed", async () => {
    await using given = await setup();
    const { bus } = given.bench.sender({}, given.env);
    await given.bench.raise("dag_run.failed");
    const { error } = await bus.next("alert.failed");
    expect(error).toContain('Webhook host "127.0.0.1" stands for 127.0.0.1');
    expect(given.receiver.requests).toEqual([]);
  });

  test("whose name resolves to a private address is not asked either", async () => {
    await using given = await setup();
    const url = given.env.TIDEMILL_WEBHOOK_URL.replace("127.0.0.1", "localhost");
    const { bus } = given.bench.sender({}, { ...given.env, TIDEMILL_WEBHOOK_URL: url });
    await given.bench.raise("dag_run.failed");
    await bus.next("alert.failed", ({ error = "" }) => error.includes('"localhost" stands for'));
    expect(given.receiver.requests).toEqual([]);
  });
});

test.each([
  ["8.8.8.8", true],
  ["2606:4700::1111", true],
  ["10.1.2.3", false],
  ["172.31.255.255", false],
  ["192.168.0.1", false],
  ["127.0.0.1", false],
  ["169.254.169.254", false],
  ["100.64.0.1", false],
  ["0.0.0.0", false],
  ["224.0.0.1", false],
  ["::1", false],
  ["::", false],
  ["fe80::1", false],
  ["fd00:ec2::254", false],
  ["::ffff:10.0.0.1", false],
  ["::ffff:8.8.8.8", false],
  ["64:ff9b::a00:1", false],
  ["2002:a00:1::", false],
  ["not an address", false],
])("%s is an address of the internet: %s", (address, isPublic) => {
  expect(isPublicAddress(address)).toBe(isPublic);
});
