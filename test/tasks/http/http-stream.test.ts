import { describe, expect, test } from "@jest/globals";
import { testContext } from "@tidemill/dag-core/testing";
import { http, httpStream } from "@tidemill/tasks/http";
import { httpServer } from "../../helpers/http-server.ts";
import { closedPort, rejectionText } from "../../helpers/task-systems.ts";

async function textOf(url: string, options: { readonly timeout?: "50ms" } = {}): Promise<string> {
  await using ctx = testContext();
  const parts: Uint8Array[] = [];
  for await (const part of httpStream(ctx, { url, ...options })) parts.push(part);
  return Buffer.concat(parts).toString();
}

describe("httpStream", () => {
  test("gives the whole body", async () => {
    const body = "ж".repeat(100_000);
    await using server = await httpServer(() => ({ body }));
    expect(await textOf(server.url)).toBe(body);
  });

  test("an answer that is not 2xx is an error with its status, without secrets", async () => {
    await using server = await httpServer(() => ({ status: 404, body: "gone" }));
    const text = await rejectionText(textOf(`${server.url}/a.csv?api_key=hush-hush`));
    expect(text).toContain("answered 404: gone");
    expect(text).not.toContain("hush-hush");
  });

  test("a body shorter than announced is an error", async () => {
    await using server = await httpServer(() => ({
      headers: { "content-length": "100" },
      body: "short",
    }));
    expect(await rejectionText(textOf(server.url))).toContain(new URL(server.url).host);
  });

  test("a server that says nothing is given up", async () => {
    await using server = await httpServer(() => "hang");
    const text = await rejectionText(textOf(server.url, { timeout: "50ms" }));
    expect(text).toContain("silent for 50ms");
  });

  test("a server that is down is named", async () => {
    const address = `127.0.0.1:${await closedPort()}`;
    expect(await rejectionText(textOf(`http://${address}/`))).toContain(address);
  });
});

describe("the connection", () => {
  const open = async (uri: string) => {
    await using ctx = testContext({ connections: { reports: uri } });
    const { url, user, password, options } = await ctx.open(http("reports"));
    return { url, user, password, options };
  };

  test("tells where the service is and what else its URI holds", async () => {
    expect(await open("https://nick%40shop:k%3Ay@host.example:8443/base/?cohort=7")).toEqual({
      url: "https://host.example:8443/base",
      user: "nick@shop",
      password: "k:y",
      options: { cohort: "7" },
    });
  });

  test.each(["ftp://host.example", "not an address", "//user:hush-hush@host"])(
    "refuses %s without showing it",
    async (uri) => {
      const text = await rejectionText(open(uri));
      expect(text).toContain('The URI of connection "reports" ');
      expect(text).toContain("TIDEMILL_CONN_REPORTS");
      expect(text).not.toContain("hush-hush");
    },
  );

  test("its test asks the service once", async () => {
    await using server = await httpServer(() => ({ status: 405 }));
    const signal = new AbortController().signal;
    expect(await http("reports").test(server.url, signal)).toBe("HTTP service, answers 405");
    expect(server.requests.map(({ method }) => method)).toEqual(["HEAD"]);
  });
});
