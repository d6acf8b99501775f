import { describe, expect, test } from "@jest/globals";
import { testContext } from "@tidemill/dag-core/testing";
import { oracle, type OracleColumn, type OracleDriver, openOracle } from "@tidemill/tasks/oracle";
import { closedPort, rejectionText } from "../../helpers/task-systems.ts";

const remedy = "start it";
const uri = "oracle://etl:s3cret!@db.example:1522/FREEPDB1";
const kinds = {
  OUT_FORMAT_OBJECT: 4002,
  STRING: "DB_TYPE_VARCHAR",
  DB_TYPE_NUMBER: "NUMBER",
  DB_TYPE_DATE: "DATE",
  DB_TYPE_TIMESTAMP: "TIMESTAMP",
  DB_TYPE_TIMESTAMP_TZ: "TIMESTAMP WITH TIME ZONE",
  DB_TYPE_TIMESTAMP_LTZ: "TIMESTAMP WITH LOCAL TIME ZONE",
  DB_TYPE_CLOB: "CLOB",
} as const;

interface Call {
  readonly sql: string;
  readonly binds: readonly unknown[];
}

/**
 * Answers as node-oracledb's documentation describes them: names of columns in upper case, numbers as text where
 * the fetch type asks for it, times without a zone as dates of the process's own zone.
 */
function documented(columns: readonly OracleColumn[], rows: readonly (readonly unknown[])[]) {
  const calls: Call[] = [];
  const closed: string[] = [];
  const driver: OracleDriver = {
    ...kinds,
    getConnection: ({ connectString }) => {
      calls.push({ sql: `connect ${connectString}`, binds: [] });
      return Promise.resolve({
        execute: (sql, binds, options) => {
          calls.push({ sql, binds });
          if (options.resultSet !== true) return Promise.resolve({});
          const fetched = rows.map((row) =>
            Object.fromEntries(
              columns.map((column, at) => {
                const as = options.fetchTypeHandler?.(column);
                const value = as?.type === kinds.STRING ? String(row[at] as string) : row[at];
                return [column.name, as?.converter ? as.converter(value) : value];
              }),
            ),
          );
          return Promise.resolve({
            resultSet: {
              getRows: (count) => Promise.resolve(fetched.splice(0, count)),
              close: () => Promise.resolve(void closed.push("result set")),
            },
          });
        },
        break: () => Promise.resolve(),
        close: () => Promise.resolve(void closed.push("connection")),
      });
    },
  };
  return { driver, calls, closed };
}

describe("answers written from the documentation", () => {
  test("binds by position, reads in batches, and closes what it opened", async () => {
    const columns = [{ name: "USER_ID", dbType: kinds.DB_TYPE_NUMBER }];
    const { driver, calls, closed } = documented(columns, [[1], [2], [3]]);
    const from = new Date("2024-03-01T21:00:00Z");
    {
      await using hook = await openOracle(uri, remedy, new AbortController().signal, driver);
      const batches: unknown[] = [];
      const sql = "select user_id from app_user where updated_at >= @from and id > @id;";
      for await (const rows of hook.stream(sql, { from, id: "7" }, { batchSize: 2 })) {
        batches.push(rows);
      }
      expect(batches).toEqual([[{ user_id: "1" }, { user_id: "2" }], [{ user_id: "3" }]]);
    }
    expect(calls).toEqual([
      { sql: "connect db.example:1522/FREEPDB1", binds: [] },
      { sql: "alter session set time_zone = 'UTC'", binds: [] },
      {
        sql: "select user_id from app_user where updated_at >= :1 and id > :2",
        binds: [from, "7"],
      },
    ]);
    expect(closed).toEqual(["result set", "connection"]);
  });

  test("times without a zone keep their wall clock, those with one their instant", async () => {
    const columns = [
      { name: "REGISTERED_AT", dbType: kinds.DB_TYPE_TIMESTAMP },
      { name: "SEEN_AT", dbType: kinds.DB_TYPE_TIMESTAMP_TZ },
      { name: "NAME", dbType: "VARCHAR2" },
      { name: "CLOSED_AT", dbType: kinds.DB_TYPE_DATE },
    ];
    const stored = new Date(2024, 2, 1, 21, 30, 0, 500);
    const seen = new Date("2024-03-01T21:30:00Z");
    const { driver } = documented(columns, [[stored, seen, "Vera", null]]);
    await using hook = await openOracle(uri, remedy, new AbortController().signal, driver);
    expect(await hook.query("select 1 from dual")).toEqual([
      {
        registered_at: "2024-03-01T21:30:00.500Z",
        seen_at: "2024-03-01T21:30:00.000Z",
        name: "Vera",
        closed_at: null,
      },
    ]);
  });

  test.each([
    ["ORA-01017: invalid credential or not authorized; logon denied", "refused"],
    ["ORA-28000: The account is locked.", "locked"],
    ["NJS-518: cannot connect to Oracle Database. Service is not registered", "service"],
  ])("%s", async (message, wanted) => {
    const refusing: OracleDriver = {
      ...kinds,
      getConnection: () => Promise.reject(new Error(message)),
    };
    const text = await rejectionText(
      openOracle(uri, remedy, new AbortController().signal, refusing),
    );
    expect(text).toContain(wanted);
    expect(text).toContain("db.example:1522");
    expect(text).not.toContain("s3cret!");
  });

  test.each(["a refused time zone", "an attempt that ends while it connects"])(
    "a connection is closed again after %s",
    async (reason) => {
      const { driver, closed } = documented([], []);
      const attempt = new AbortController();
      const getConnection: OracleDriver["getConnection"] = async (attributes) => {
        const connection = await driver.getConnection(attributes);
        const refuse = () => Promise.reject(new Error("ORA-01882: timezone region not found"));
        if (reason === "a refused time zone") return { ...connection, execute: refuse };
        attempt.abort(new Error("the attempt has ended"));
        return connection;
      };
      const text = await rejectionText(
        openOracle(uri, remedy, attempt.signal, { ...driver, getConnection }),
      );
      expect(text).toMatch(/ORA-01882|the attempt has ended/);
      expect(closed).toEqual(["connection"]);
    },
  );

  test("another error of the server comes as it is", async () => {
    const failing: OracleDriver = {
      ...kinds,
      getConnection: () =>
        Promise.resolve({
          execute: (sql) =>
            sql.startsWith("alter")
              ? Promise.resolve({})
              : Promise.reject(new Error("ORA-00942: table or view does not exist")),
          break: () => Promise.resolve(),
          close: () => Promise.resolve(),
        }),
    };
    await using hook = await openOracle(uri, remedy, new AbortController().signal, failing);
    expect(await rejectionText(hook.query("select 1 from nowhere"))).toContain("ORA-00942");
  });
});

test("the driver itself, where nobody listens: the address is named, the password is not", async () => {
  const port = await closedPort();
  await using ctx = testContext({
    connections: { core: `oracle://etl:s3cret!@127.0.0.1:${port}/FREEPDB1` },
  });
  const text = await rejectionText(ctx.open(oracle("core")));
  expect(text).toContain(`127.0.0.1:${port}`);
  expect(text).not.toContain("s3cret!");
});
