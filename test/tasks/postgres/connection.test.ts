import { createServer, type Socket } from "node:net";
import { once } from "node:events";
import { describe, expect, test } from "@jest/globals";
import { postgres } from "@tidemill/tasks/postgres";
import { closedPort, postgresAddress } from "../../helpers/task-systems.ts";

const ref = postgres("shop-dwh");
const signal = new AbortController().signal;

describe("a server that cannot be used", () => {
  test("refused: names the system, the address, the remedy, and no password", async () => {
    const port = await closedPort();
    const opening = ref.open(`postgres://u:hidden@127.0.0.1:${port}/db`, signal);
    await expect(opening).rejects.toMatchObject({
      code: "TIDEMILL_CONNECTION_UNREACHABLE",
      message: `PostgreSQL at 127.0.0.1:${port}/db cannot be reached (ECONNREFUSED); start it, or set TIDEMILL_CONN_SHOP_DWH to one that runs`,
    });
  });

  test("hangs up", async () => {
    const server = createServer((socket: Socket) => socket.destroy()).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" ? address?.port : 0;
    await expect(ref.open(`postgres://u:hidden@127.0.0.1:${port}/db`, signal)).rejects.toThrow(
      `PostgreSQL at 127.0.0.1:${port}/db cannot be reached`,
    );
    server.close();
  });

  test("wrong password and unknown database", async () => {
    const wrongPassword = new URL(await postgresAddress());
    wrongPassword.password = "hidden";
    const noDatabase = new URL(await postgresAddress());
    noDatabase.pathname = "/no_such_database";
    await expect(ref.open(noDatabase.href, signal)).rejects.toThrow("the database does not exist");
    const refused = await ref.open(wrongPassword.href, signal).catch((error: Error) => error);
    expect(String(refused)).toContain("the password is refused");
    expect(String(refused)).not.toContain("hidden");
  });

  test("asked for TLS that it does not speak", async () => {
    const uri = new URL(await postgresAddress());
    uri.searchParams.set("sslmode", "require");
    await expect(ref.open(uri.href, signal)).rejects.toThrow(/does not support SSL/);
  });
});

test("test answers with the version", async () => {
  await expect(ref.test(await postgresAddress(), signal)).resolves.toMatch(/^PostgreSQL 1[5-9]/);
});
