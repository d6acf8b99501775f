import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { testContext } from "@tidemill/dag-core/testing";
import { mysql } from "@tidemill/tasks/mysql";
import { mariadbBinary, type MariadbServer, mariadbServer } from "../../helpers/mariadb-server.ts";
import { closedPort, rejectionText } from "../../helpers/task-systems.ts";

const crm = mysql("crm");
const describeWithServer = mariadbBinary === undefined ? describe.skip : describe;

test("a server that is not there is named, without the password", async () => {
  await using ctx = testContext({
    connections: { crm: `mysql://etl:s3cret!@127.0.0.1:${await closedPort()}/crm` },
  });
  const text = await rejectionText(ctx.open(crm));
  expect(text).toContain("MySQL");
  expect(text).toContain("ECONNREFUSED");
  expect(text).toContain("TIDEMILL_CONN_CRM");
  expect(text).not.toContain("s3cret!");
});

if (mariadbBinary === undefined) {
  test("reads a real MariaDB: skipped, no mariadbd or mysqld is installed here", () => {
    expect(mariadbBinary).toBeUndefined();
  });
}

describeWithServer("a real MariaDB", () => {
  let server: MariadbServer;

  beforeAll(async () => {
    server = await mariadbServer();
    await server.query(`
      create table crm.deal (
        id bigint primary key, title varchar(50) character set utf8mb4, amount decimal(18, 2),
        opened_at datetime(3), closed_at timestamp null, day date, zero varchar(1)
      );
      insert into crm.deal values
        (9007199254740993, 'Договор', 12345678901234.56, '2024-03-01 21:30:00.5', '2024-03-02 01:00:00', '2024-03-01', null),
        (2, 'two', 0.10, '2024-03-02 00:00:00', null, '2024-03-31', '');
      create table crm.many (n int primary key);
      insert into crm.many select seq from crm.seq_1_to_25000;
    `);
  });
  afterAll(async () => server[Symbol.asyncDispose]());

  const open = () => testContext({ connections: { crm: server.uri } });

  test("keeps large numbers, decimals, letters, and times in UTC", async () => {
    await using ctx = open();
    const hook = await ctx.open(crm);
    const sql =
      "select id, title, amount, opened_at, closed_at, day, zero from deal order by id desc";
    expect(await hook.query(sql)).toEqual([
      {
        id: "9007199254740993",
        title: "Договор",
        amount: "12345678901234.56",
        opened_at: "2024-03-01T21:30:00.500Z",
        closed_at: "2024-03-02T01:00:00.000Z",
        day: "2024-03-01",
        zero: null,
      },
      {
        id: "2",
        title: "two",
        amount: "0.10",
        opened_at: "2024-03-02T00:00:00.000Z",
        closed_at: null,
        day: "2024-03-31",
        zero: "",
      },
    ]);
  });

  test("takes dates as instants, whatever the zone of this process", async () => {
    await using ctx = open();
    const hook = await ctx.open(crm);
    const sql = "select id from deal where opened_at >= @from and opened_at < @to";
    const values = { from: new Date("2024-03-01T21:00:00Z"), to: new Date("2024-03-02T00:00:00Z") };
    expect(await hook.query(sql, values)).toEqual([{ id: "9007199254740993" }]);
  });

  test("streams in batches, and can be left early", async () => {
    await using ctx = open();
    const hook = await ctx.open(crm);
    const sizes: number[] = [];
    for await (const rows of hook.stream(
      "select n from many order by n",
      {},
      { batchSize: 10_000 },
    )) {
      sizes.push(rows.length);
    }
    expect(sizes).toEqual([10_000, 10_000, 5_000]);
    for await (const rows of hook.stream<{ n: number }>("select n from many order by n")) {
      expect(rows).toHaveLength(1_000);
      break;
    }
  });

  test("a wrong password and a wrong database are told apart, and no secret is shown", async () => {
    const wrong = server.uri.replace("s3cret!", "other-secret");
    await using ctx = testContext({
      connections: { crm: wrong, gone: server.uri.replace("/crm", "/nowhere") },
    });
    const text = await rejectionText(ctx.open(crm));
    expect(text).toContain("the account or its password is refused");
    expect(text).not.toContain("other-secret");
    expect(await rejectionText(ctx.open(mysql("gone")))).toContain("database");
  });

  test("a missing value is named before the server is asked", async () => {
    await using ctx = open();
    const hook = await ctx.open(crm);
    expect(await rejectionText(hook.query("select @day as day"))).toContain(
      "needs a value for @day",
    );
    expect(await rejectionText(hook.query("select nothing from deal"))).toContain("nothing");
  });

  test("connection test tells the version", async () => {
    expect(await crm.test(server.uri, new AbortController().signal)).toMatch(/^MySQL \d+\./);
  });
});
