import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { Duration } from "@tidemill/dag-core";
import { type TestContext, testContext } from "@tidemill/dag-core/testing";
import { provider, type ProviderMode } from "@tidemill/tasks/http";
import { postgres } from "@tidemill/tasks/postgres";
import { type Answer, httpServer, type HttpServer } from "../../helpers/http-server.ts";
import { postgresAddress } from "../../helpers/task-systems.ts";

interface Point {
  readonly lat: number;
  readonly day: string;
}
const cache = postgres("cache");
let task: TestContext<{}, {}>;
let name: string;
const runId = `run-${randomUUID()}`;

beforeEach(async () => {
  name = `weather-${randomUUID()}`;
  task = testContext({ runId, connections: { cache: await postgresAddress() } });
});
afterEach(() => task.close());

/** Long where the service answers, so that a busy machine is not taken for a silent one. */
const patience: Duration = "20s";
const shortPatience: Duration = "200ms";

const weather = (server: Pick<HttpServer, "url"> | undefined, timeout: Duration = patience) =>
  provider<Point, number>({
    name,
    cacheKey: ({ lat, day }) => `${lat.toFixed(2)}/${day}`,
    staleKey: ({ lat }) => `${lat.toFixed(2)}/`,
    configured: () => server !== undefined,
    live: async ({ lat }, { json }) => {
      const answer = await json<{ temp?: number }>(`${server?.url}/w`, {
        query: { lat, appid: "hidden" },
      });
      return answer.temp;
    },
    synthetic: ({ lat }) => -lat,
    timeout,
    retryDelay: "1ms",
  });
const open = (
  server: Pick<HttpServer, "url"> | undefined,
  mode: ProviderMode = "auto",
  ctx = task,
) => weather(server).open(ctx, { cache, mode });
const at = (lat: number, day = "2024-05-01"): Point => ({ lat, day });
const good: Answer = () => ({ body: { temp: 7.5 } });

describe("where a value comes from", () => {
  test("live, then remembered, then from the cache, also for a later run that is offline", async () => {
    await using server = await httpServer(good);
    const session = await open(server);
    expect(await session.get(at(53.901))).toEqual({ value: 7.5, source: "live" });
    expect(await session.get(at(53.902))).toEqual({ value: 7.5, source: "live" });
    expect(server.requests).toHaveLength(1);
    expect(session.counts).toEqual({ live: 2, cache: 0, synthetic: 0 });
    const later = await open(server);
    expect(await later.get(at(53.9))).toEqual({ value: 7.5, source: "cache" });
    const offline = await open(server, "offline");
    expect(await offline.get(at(53.9))).toEqual({ value: 7.5, source: "cache" });
    expect(server.requests).toHaveLength(1);
  });

  test("an answer that could not be made is not remembered", async () => {
    let calls = 0;
    const flaky = provider<Point, number>({
      name,
      cacheKey: ({ day }) => day,
      synthetic: () => {
        calls += 1;
        if (calls === 1) throw new Error("not yet");
        return calls;
      },
    });
    const session = await flaky.open(task);
    await expect(session.get(at(1))).rejects.toThrow("not yet");
    expect(await session.get(at(1))).toEqual({ value: 2, source: "synthetic" });
    expect(await session.get(at(1))).toEqual({ value: 2, source: "synthetic" });
    expect(session.counts).toEqual({ live: 0, cache: 0, synthetic: 2 });
  });

  test("without a key, and offline, nothing is asked and the value is synthetic", async () => {
    await using server = await httpServer(good);
    expect(await (await open(undefined)).get(at(10))).toEqual({ value: -10, source: "synthetic" });
    expect(await (await open(server, "offline")).get(at(10))).toEqual({
      value: -10,
      source: "synthetic",
    });
    expect(server.requests).toHaveLength(0);
  });

  test("an answer without a value is no failure", async () => {
    await using server = await httpServer(() => ({ body: {} }));
    const session = await open(server);
    for (const lat of [1, 2, 3, 4]) {
      expect(await session.get(at(lat))).toEqual({ value: -lat, source: "synthetic" });
    }
    expect(server.requests).toHaveLength(4);
  });

  test("when the service fails, the latest value of the stale key stands in", async () => {
    await using server = await httpServer((_, n) =>
      n === 0 ? { body: { temp: 3 } } : { status: 500 },
    );
    const session = await open(server);
    await session.get(at(20, "2024-05-01"));
    expect(await session.get(at(20, "2024-05-02"))).toEqual({ value: 3, source: "cache" });
    expect(await session.get(at(21, "2024-05-02"))).toEqual({ value: -21, source: "synthetic" });
  });

  test("works without a stored cache", async () => {
    await using server = await httpServer(good);
    const session = await weather(server).open(task, { mode: "auto" });
    expect(await session.get(at(1))).toEqual({ value: 7.5, source: "live" });
  });
});

describe("a service that fails", () => {
  test.each([[429], [401], [403]])(
    "after %d it is not asked again in the run, also by a retry",
    async (status) => {
      await using server = await httpServer(() => ({ status, body: { error: "appid hidden" } }));
      const session = await open(server);
      expect((await session.get(at(1))).source).toBe("synthetic");
      expect((await session.get(at(2))).source).toBe("synthetic");
      expect(server.requests).toHaveLength(1);
      await (await open(server)).get(at(3));
      expect(server.requests).toHaveLength(1);
      await using nextRun = testContext({ connections: { cache: await postgresAddress() } });
      await (await open(server, "auto", nextRun)).get(at(4));
      expect(server.requests).toHaveLength(2);
      expect(JSON.stringify(task.logs)).toContain(`answered ${status}`);
      expect(JSON.stringify(task.logs)).not.toContain("hidden");
    },
  );

  test.each<[string, Answer, Duration]>([
    ["500", () => ({ status: 500 }), patience],
    ["hang up", () => "hang_up", patience],
    ["timeout", () => "hang", shortPatience],
  ])(
    "%s: two retries each, and after three failures no more calls",
    async (_name, answer, timeout) => {
      await using server = await httpServer(answer);
      const session = await weather(server, timeout).open(task, { cache, mode: "auto" });
      for (const lat of [1, 2, 3, 4, 5])
        expect((await session.get(at(lat))).source).toBe("synthetic");
      expect(server.requests).toHaveLength(9);
    },
  );

  test("a success in between starts the count again", async () => {
    await using server = await httpServer((_, n) =>
      n % 2 === 0 ? { status: 404 } : { body: { temp: 1 } },
    );
    const session = await open(server);
    for (const lat of [1, 2, 3, 4, 5, 6, 7, 8]) await session.get(at(lat));
    expect(session.counts).toEqual({ live: 4, cache: 0, synthetic: 4 });
  });
});

test("a PROVIDER_MODE that is none is refused", async () => {
  const before = process.env["PROVIDER_MODE"];
  process.env["PROVIDER_MODE"] = "online";
  try {
    await expect(weather(undefined).open(task)).rejects.toThrow(
      'Setting PROVIDER_MODE is "online"',
    );
  } finally {
    if (before === undefined) delete process.env["PROVIDER_MODE"];
    else process.env["PROVIDER_MODE"] = before;
  }
});
