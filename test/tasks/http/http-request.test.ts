import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type TestContext, testContext } from "@tidemill/dag-core/testing";
import { httpRequest } from "@tidemill/tasks/http";
import { closedPort, rejectionText } from "../../helpers/task-systems.ts";
import { type Answer, httpServer } from "../../helpers/http-server.ts";

const quick = { retryDelay: "1ms" } as const;
let abort: AbortController;
let task: TestContext<{}, {}>;

beforeEach(() => {
  abort = new AbortController();
  task = testContext({ runId: "run", signal: abort.signal });
});
afterEach(() => task.close());

describe("a good answer", () => {
  test("is parsed; query, headers and body arrive", async () => {
    await using server = await httpServer(() => ({ headers: { "x-a": "1" }, body: { ok: true } }));
    const answer = await httpRequest<{ ok: boolean }>(task, {
      url: `${server.url}/p?a=1`,
      query: { b: "ü &", c: undefined, d: 2 },
      headers: { "x-b": "2" },
      body: { n: [1] },
    });
    expect(answer).toMatchObject({ status: 200, body: { ok: true }, headers: { "x-a": "1" } });
    expect(server.requests).toMatchObject([
      {
        method: "POST",
        url: "/p?a=1&b=%C3%BC+%26&d=2",
        headers: { "x-b": "2", "content-type": "application/json" },
        body: '{"n":[1]}',
      },
    ]);
  });

  test("as text, and not at all", async () => {
    await using server = await httpServer(() => ({ body: "plain" }));
    expect((await httpRequest(task, { url: server.url, expect: "text" })).body).toBe("plain");
    expect((await httpRequest(task, { url: server.url, expect: "none" })).body).toBeUndefined();
    await expect(httpRequest(task, { url: server.url })).rejects.toThrow(
      'what is not JSON: "plain"',
    );
  });
});

describe("trying again", () => {
  test.each([
    ["429", { status: 429 }],
    ["408", { status: 408 }],
    ["503", { status: 503, body: "busy" }],
    ["hang up", "hang_up"],
  ] as const)("after %s", async (_name, first) => {
    await using server = await httpServer((_, n) => (n < 2 ? first : { body: n }));
    expect((await httpRequest(task, { url: server.url, ...quick })).body).toBe(2);
    expect(task.logs.map(({ level }) => level)).toEqual(["warn", "warn"]);
  });

  test.each([[400], [401], [404], [501]])(
    "not after %d when it is not asked to",
    async (status) => {
      await using server = await httpServer(() => ({ status, body: { error: "no" } }));
      const options = { url: server.url, retryStatus: (it: number) => it === 503, ...quick };
      await expect(httpRequest(task, options)).rejects.toMatchObject({
        name: "HttpStatusError",
        status,
        message: `GET ${server.url}/ answered ${status}: {"error":"no"}`,
      });
      expect(server.requests).toHaveLength(1);
    },
  );

  test("ends when the tries are used up", async () => {
    await using server = await httpServer(() => ({ status: 500 }));
    const running = httpRequest(task, { url: server.url, retries: 2, ...quick });
    await expect(running).rejects.toMatchObject({ status: 500 });
    expect(server.requests).toHaveLength(3);
  });

  test("waits as long as Retry-After says, and not for one that is too long", async () => {
    const answer: Answer = (_, n) =>
      n === 0 ? { status: 429, headers: { "retry-after": "1" } } : {};
    await using patient = await httpServer(answer);
    const started = performance.now();
    await httpRequest(task, { url: patient.url, ...quick });
    expect(performance.now() - started).toBeGreaterThan(990);
    await using refusing = await httpServer(answer);
    const running = httpRequest(task, { url: refusing.url, maxRetryAfter: "500ms", ...quick });
    await expect(running).rejects.toMatchObject({ status: 429 });
    expect(refusing.requests).toHaveLength(1);
  });

  test("a POST is tried again only with an idempotency key, which stays the same", async () => {
    await using server = await httpServer(() => ({ status: 500 }));
    const post = { url: server.url, body: {}, ...quick };
    await expect(httpRequest(task, post)).rejects.toThrow("answered 500");
    expect(server.requests).toHaveLength(1);
    await expect(httpRequest(task, { ...post, idempotencyKey: true })).rejects.toThrow(
      "answered 500",
    );
    await expect(httpRequest(task, { ...post, retries: 0, idempotencyKey: "two" })).rejects.toThrow(
      "answered 500",
    );
    const keys = server.requests.slice(1).map(({ headers }) => headers["idempotency-key"]);
    expect(keys).toHaveLength(5);
    expect(new Set(keys.slice(0, 4)).size).toBe(1);
    expect(keys[4]).not.toBe(keys[0]);
  });
});

describe("no answer", () => {
  test("in time: the error names host and limit", async () => {
    await using server = await httpServer(() => "hang");
    const running = httpRequest(task, { url: server.url, timeout: "500ms", retries: 1, ...quick });
    await expect(running).rejects.toMatchObject({
      code: "TIDEMILL_CONNECTION_UNREACHABLE",
      message: expect.stringContaining("cannot be reached (no answer within 500ms)"),
    });
    expect(server.requests).toHaveLength(2);
  });

  test("refused", async () => {
    const port = await closedPort();
    const running = httpRequest(task, { url: `http://127.0.0.1:${port}/`, retries: 0 });
    await expect(running).rejects.toThrow(
      `HTTP service at 127.0.0.1:${port} cannot be reached (ECONNREFUSED)`,
    );
  });

  test("abort ends it at once, also while it waits to try again", async () => {
    await using server = await httpServer(() => {
      abort.abort(new Error("stop"));
      return { status: 503 };
    });
    const running = httpRequest(task, { url: server.url, retryDelay: "1h" });
    await expect(running).rejects.toThrow("stop");
  });
});

describe("secrets", () => {
  test("of the URL, of headers and those given are in no error", async () => {
    await using server = await httpServer(({ url, headers }) => ({
      status: 403,
      body: { url, auth: headers.authorization, path: "bot12:ab" },
    }));
    const running = httpRequest(task, {
      url: `${server.url}/bot12:ab/send`,
      query: { appid: "k/1", access_token: "t2" },
      headers: { authorization: "Bearer t3" },
      secrets: ["bot12:ab"],
    });
    const error = await rejectionText(running);
    expect(error).toContain("answered 403");
    for (const secret of ["k/1", "k%2F1", "t2", "t3", "12:ab"]) expect(error).not.toContain(secret);
  });

  test.each(["https://etl:hidden-word@example.org/x", "https://hidden-word@example.org/x"])(
    "in the URL itself are refused, and not shown: %#",
    async (url) => {
      await expect(httpRequest(task, { url, ...quick })).rejects.toMatchObject({
        code: "TIDEMILL_INPUT_INVALID",
        message: expect.stringMatching(/^The URL of host "example\.org" holds(?!.*hidden-word)/),
      });
    },
  );

  test("a URL that is none is refused without them", async () => {
    const running = httpRequest(task, { url: "nowhere/s3cret", secrets: ["s3cret"] });
    await expect(running).rejects.toThrow('URL "nowhere/***" is not a URL');
  });
});
