import { createServer, type Socket } from "node:net";
import { once } from "node:events";
import { describe, expect, test } from "@jest/globals";
import { postgres } from "@tidemill/tasks/postgres";
import { closedPort, postgresAddress, rejectionText } from "../../helpers/task-systems.ts";

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
    const refused = await rejectionText(ref.open(wrongPassword.href, signal));
    expect(refused).toContain("the password is refused");
    expect(refused).not.toContain("hidden");
  });

  test("asked for TLS that it does not speak", async () => {
    const uri = new URL(await postgresAddress());
    uri.searchParams.set("sslmode", "require");
    await expect(ref.open(uri.href, signal)).rejects.toThrow(/does not support SSL/);
  });
});

test("answers a connection test with its version", async () => {
  await expect(ref.test(await postgresAddress(), signal)).resolves.toMatch(/^PostgreSQL 1[5-9]/);
});

describe("a server that goes away", () => {
  test("in the middle of a statement, or between two: the error names it, and the next use connects anew", async () => {
    await using pg = await ref.open(await postgresAddress(), signal);
    await using killer = await ref.open(await postgresAddress(), signal);
    const end = (pid: number) => killer.query("select pg_terminate_backend($1)", [pid]);
    const broken = pg.transaction(async (tx) => {
      const { rows } = await tx.query<{ pid: number }>("select pg_backend_pid() as pid");
      await end(rows[0]?.pid ?? 0);
      await tx.query("select 1");
    });
    await expect(broken).rejects.toMatchObject({
      code: "TIDEMILL_CONNECTION_UNREACHABLE",
      message: expect.stringMatching(/^PostgreSQL at .* cannot be reached \(.*\); start it/),
    });
    expect((await pg.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
  });
});
