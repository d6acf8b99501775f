import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { testContext } from "@tidemill/dag-core/testing";
import { telegram, telegramMessage } from "@tidemill/tasks/telegram";
import { closedPort } from "../../helpers/task-systems.ts";
import { telegramServer, type TelegramServer } from "../../helpers/telegram-server.ts";

const to = telegram("ops");
let server: TelegramServer;
const before = { ...process.env };

beforeEach(async () => {
  server = await telegramServer();
  delete process.env["TELEGRAM_BOT_TOKEN"];
  delete process.env["TELEGRAM_CHAT_ID"];
});
afterEach(async () => {
  process.env = { ...before };
  await server.close();
});

const uri = (api = server.url, token = server.token) => `telegram://${token}@chat/-100?api=${api}`;
const context = (address: string | undefined = uri(), signal = new AbortController().signal) =>
  testContext({ connections: { ops: address }, signal });

test("sends to the chat of the URI, or to another", async () => {
  await using ctx = context();
  expect(await telegramMessage(ctx, { to, text: "5 < 6 & <b>" })).toEqual({
    sent: true,
    messageId: 1,
  });
  await telegramMessage(ctx, { to, text: "<b>x</b>", chatId: "7", parseMode: "HTML" });
  expect(server.messages).toMatchObject([
    { chatId: "-100", text: "5 < 6 & <b>", parseMode: undefined },
    { chatId: "7", text: "<b>x</b>", parseMode: "HTML" },
  ]);
});

test("formatting that Telegram refuses is sent as plain text; a long text is cut", async () => {
  await using ctx = context();
  await telegramMessage(ctx, { to, text: "<b>x", parseMode: "HTML" });
  await telegramMessage(ctx, { to, text: "y".repeat(5_000) });
  expect(server.messages).toMatchObject([
    { text: "<b>x", parseMode: undefined },
    { text: `${"y".repeat(4_095)}…` },
  ]);
});

test("waits as long as Telegram says, and tries again when it was in trouble", async () => {
  await using ctx = context();
  server.next({ kind: "limited", retryAfter: 1 }, { kind: "trouble", status: 502 });
  expect(await telegramMessage(ctx, { to, text: "x" })).toEqual({ sent: true, messageId: 1 });
  expect(server.requests()).toBe(3);
});

describe("never fails the task", () => {
  test.each([
    [
      "refused",
      { kind: "refused", code: 403, description: "Forbidden: bot was blocked" },
      "403: Forbidden",
    ],
    ["told to wait too long", { kind: "limited", retryAfter: 600 }, "429"],
    ["connection broken", { kind: "broken" }, "cannot be reached"],
  ] as const)("%s: sent once, and the reason given", async (_name, behaviour, reason) => {
    await using ctx = context();
    server.next(behaviour);
    const result = await telegramMessage(ctx, { to, text: "x" });
    expect(result).toEqual({ sent: false, reason: expect.stringContaining(reason) });
    expect(server.requests()).toBe(1);
    expect(ctx.logs).toMatchObject([{ level: "warn", fields: { text: "x" } }]);
  });

  test("a wrong token, nobody there, a URI that is none: no token in the result or the log", async () => {
    const token = "12345:AAsecret_secret_secret_secret_secret1";
    const addresses = [
      uri(server.url, token),
      uri(`http://127.0.0.1:${await closedPort()}`, token),
      `telegram://${token}`,
    ];
    for (const address of addresses) {
      await using ctx = context(address);
      const result = await telegramMessage(ctx, { to, text: "x" });
      expect(result.sent).toBe(false);
      expect(JSON.stringify([result, ctx.logs])).not.toContain("AAsecret");
    }
  });

  test("an abort while it waits", async () => {
    const abort = new AbortController();
    await using ctx = context(uri(), abort.signal);
    server.next({ kind: "limited", retryAfter: 20 });
    const sending = telegramMessage(ctx, { to, text: "x" });
    await server.requested(1);
    abort.abort(new Error("stop"));
    expect(await sending).toMatchObject({ sent: false });
  });
});

test("without a token the text goes to the log", async () => {
  await using ctx = testContext({ env: {} });
  expect(await telegramMessage(ctx, { to, text: "hello" })).toEqual({
    sent: false,
    reason: "no token",
  });
  expect(ctx.logs).toMatchObject([{ level: "info", message: "hello" }]);
});

test("connections test: the token that the server knows passes, a wrong one is refused and not shown", async () => {
  const wrong = "7777777:a-token-that-nobody-gave-out-000000";
  const { signal } = new AbortController();
  await to.test(uri(), signal);
  const error = await to.test(uri(server.url, wrong), signal).catch((thrown: Error) => thrown);
  expect(String(error)).toContain("401");
  expect(String(error)).not.toContain(wrong);
});
