import { describe, expect, test } from "@jest/globals";
import type { Channel } from "../../../packages/dag-core/src/alerts/channel.ts";
import { routingOf } from "../../../packages/dag-core/src/alerts/channels.ts";
import { deliveriesOf } from "../../../packages/dag-core/src/alerts/routing.ts";
import { loadConfig } from "../../../packages/dag-core/src/kernel/config.ts";
import { EventBus } from "../../../packages/dag-core/src/kernel/events.ts";
import { createRedactor } from "../../../packages/dag-core/src/kernel/redact.ts";
import type { MuteRow } from "../../../packages/dag-core/src/store/alert-mute.ts";
import type { NewAlert } from "../../../packages/dag-core/src/store/alert-route.ts";

const token = "7000000001:AAHonest_Server-Token-0123456789abcdef";
const bot = { TELEGRAM_BOT_TOKEN: token, TELEGRAM_CHAT_ID: "42" };
const services = { bus: new EventBus(), redactor: createRedactor([]) };

const alert = (facts: Partial<NewAlert> = {}): NewAlert => ({
  alertId: "1",
  kind: "task_instance.failed",
  payload: { dagId: "orders", runId: "r", taskId: "load", reason: "error", timezone: "UTC" },
  raisedAt: new Date("2026-01-10T12:00Z"),
  now: new Date("2026-01-10T12:00Z"),
  tags: ["finance"],
  owner: "dwh",
  ...facts,
});
const mute = (facts: Partial<MuteRow>): MuteRow => ({
  alert_mute_id: "9",
  created_at: new Date(0),
  muted_until: new Date(8e14),
  dag_id: null,
  task_id: null,
  tag: null,
  reason: null,
  created_by: "test",
  ...facts,
});

const deliver = (
  routes: readonly object[],
  given: Partial<NewAlert> = {},
  mutes: readonly MuteRow[] = [],
) => {
  const env = { ...bot, TIDEMILL_ALERT_ROUTES: JSON.stringify(routes) };
  const routing = routingOf(loadConfig({ env }), services);
  return deliveriesOf(alert(given), mutes, { routing, graceMs: 2_000 });
};
const names = (...given: Parameters<typeof deliver>) =>
  deliver(...given).map(({ channel }) => channel);

describe("an alert goes", () => {
  test.each([
    [
      "to the chat of the settings where no route takes it",
      [{ tag: "ops", chat: -1 }],
      ["telegram"],
    ],
    ["by its tag", [{ tag: ["ops", "finance"], chat: -1 }], ["telegram:-1"]],
    ["by its owner", [{ owner: "dwh", chat: -1 }], ["telegram:-1"]],
    ["by its DAG", [{ dag: "orders", chat: "@team" }], ["telegram:@team"]],
    ["by its kind", [{ kind: "task_instance.failed", chat: -1 }], ["telegram:-1"]],
    ["only where every condition fits", [{ dag: "orders", owner: "x", chat: -1 }], ["telegram"]],
    [
      "by each route that takes it",
      [{ chat: -1 }, { tag: "finance", chat: -2 }],
      ["telegram:-1", "telegram:-2"],
    ],
    [
      "once by two routes to one chat",
      [{ chat: -1 }, { tag: "finance", chat: -1 }],
      ["telegram:-1"],
    ],
    ["to the chat of the settings by a route too", [{ dag: "orders", chat: 42 }], ["telegram"]],
  ])("%s", (_name, routes, channels) => {
    expect(names(routes)).toEqual(channels);
  });

  test("everywhere when it is a test", () => {
    expect(names([{ tag: "ops", chat: -1 }], { kind: "alert.test" })).toEqual([
      "telegram:-1",
      "telegram",
    ]);
  });
});

describe("a mute", () => {
  test.each([
    ["of its DAG", mute({ dag_id: "orders" }), "muted"],
    ["of another DAG", mute({ dag_id: "other" }), "pending"],
    ["of its task", mute({ dag_id: "orders", task_id: "load" }), "muted"],
    ["of another task", mute({ dag_id: "orders", task_id: "x" }), "pending"],
    ["of its tag", mute({ tag: "finance" }), "muted"],
    ["of another tag", mute({ tag: "ops" }), "pending"],
  ])("%s", (_name, one, state) => {
    expect(deliver([], {}, [one])).toMatchObject([{ state }]);
  });

  test("does not hold a test back", () => {
    const sent = deliver([], { kind: "alert.test" }, [mute({ tag: "finance" })]);
    expect(sent).toMatchObject([{ state: "pending" }]);
  });
});

test("quiet hours hold back chats, and neither webhooks nor tests", () => {
  const env = {
    ...bot,
    TIDEMILL_ALERT_QUIET: "22:00-07:00 Europe/Berlin",
    TIDEMILL_WEBHOOK_URL: "https://example.com/hook",
    TIDEMILL_WEBHOOK_SECRET: "0123456789abcdef",
  };
  const routing = routingOf(loadConfig({ env }), services);
  const now = new Date("2026-01-10T23:00Z");
  const when = (kind: NewAlert["kind"]) =>
    deliveriesOf(alert({ kind, raisedAt: now, now }), [], { routing, graceMs: 2_000 }).map(
      ({ channel, isHeld, dueAt }) => [channel, isHeld, dueAt.toISOString()],
    );
  expect(when("dag_run.failed")).toEqual([
    ["telegram", true, "2026-01-11T06:00:00.000Z"],
    ["webhook", false, "2026-01-10T23:00:00.000Z"],
  ]);
  expect(when("alert.test")).toEqual([
    ["telegram", false, "2026-01-10T23:00:00.000Z"],
    ["webhook", false, "2026-01-10T23:00:00.000Z"],
  ]);
});

test("the name of a webhook's channel holds nothing of its path", () => {
  const path = "/services/T0123/B4567/abcdefghijklmnop";
  const env = {
    OPS_HOOK: "0123456789abcdef0",
    TIDEMILL_ALERT_ROUTES: JSON.stringify([
      { webhook: `https://hooks.example.com${path}`, secretFrom: "OPS_HOOK" },
    ]),
  };
  const config = loadConfig({ env });
  const { channels } = routingOf(config, services);
  expect(channels.map(({ name }: Channel) => name)).toEqual([
    expect.stringMatching(/^webhook:hooks\.example\.com\/[0-9a-f]{8}$/),
    "log",
  ]);
  expect(config.secrets()).toEqual(expect.arrayContaining([path, env.OPS_HOOK]));
});

describe("settings are refused", () => {
  const routes = (...given: readonly object[]) => ({
    ...bot,
    TIDEMILL_ALERT_ROUTES: JSON.stringify(given),
  });
  test.each([
    ["routes that are no JSON", { ...bot, TIDEMILL_ALERT_ROUTES: "{" }, "must be a JSON array"],
    ["a route to nowhere", routes({ tag: "x" }), "must name one of chat and webhook"],
    ["a route to two places", routes({ chat: 1, webhook: "https://x.y" }), "must name one of"],
    ["a condition that there is none of", routes({ tags: "x", chat: 1 }), "tags"],
    [
      "a kind that there is none of",
      routes({ kind: "failed", chat: 1 }),
      "at 0.kind must be one of",
    ],
    ["a thread of a webhook", routes({ thread: 1, webhook: "https://x.y" }), "only a chat"],
    ["a webhook without a secret", routes({ webhook: "https://x.y" }), "no secret to sign with"],
    [
      "a secret that is not set",
      routes({ webhook: "https://x.y", secretFrom: "NONE" }),
      "set NONE",
    ],
    ["a chat without a bot", { TIDEMILL_ALERT_ROUTES: '[{"chat":1}]' }, "TELEGRAM_BOT_TOKEN"],
    ["a URL without a secret", { TIDEMILL_WEBHOOK_URL: "https://x.y" }, "TIDEMILL_WEBHOOK_SECRET"],
    ["a short secret", { TIDEMILL_WEBHOOK_SECRET: "short" }, "at least 16 characters"],
    ["quiet hours without a form", { TIDEMILL_ALERT_QUIET: "at night" }, "two times and a zone"],
  ])("%s", (_name, env, problem) => {
    expect(() => loadConfig({ env })).toThrow(problem);
  });
});
