import { expect, test } from "@jest/globals";
import { startServices } from "../../demo/services/start-services.ts";

const service = (uri: string, closed: string[]) => () =>
  Promise.resolve({
    uri,
    [Symbol.asyncDispose]: () => {
      closed.push(uri);
      return Promise.resolve();
    },
  });

test("services are in the environment while they run, and closed after", async () => {
  const env: Record<string, string | undefined> = {};
  const closed: string[] = [];
  {
    await using _running = await startServices({ reports: service("http://a", closed) }, env);
    expect(env).toEqual({ TIDEMILL_CONN_REPORTS: "http://a" });
  }
  expect(env).toEqual({});
  expect(closed).toEqual(["http://a"]);
});

test("a service whose address somebody set is not started, and keeps it", async () => {
  const env = { TIDEMILL_CONN_REPORTS: "https://real.example" };
  const closed: string[] = [];
  {
    await using _running = await startServices({ reports: service("http://a", closed) }, env);
    expect(env).toEqual({ TIDEMILL_CONN_REPORTS: "https://real.example" });
  }
  expect(env).toEqual({ TIDEMILL_CONN_REPORTS: "https://real.example" });
  expect(closed).toEqual([]);
});

test("when one cannot be started those before it are closed", async () => {
  const env: Record<string, string | undefined> = {};
  const closed: string[] = [];
  const starts = {
    first: service("http://a", closed),
    second: () => Promise.reject(new Error("port taken")),
  };
  await expect(startServices(starts, env)).rejects.toThrow("port taken");
  expect(closed).toEqual(["http://a"]);
  expect(env).toEqual({});
});
