import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type CopyRows, postgres, type PostgresHook } from "@tidemill/tasks/postgres";
import { postgresAddress } from "../../helpers/task-systems.ts";

const ref = postgres("test");
let pg: PostgresHook;

beforeAll(async () => {
  pg = await ref.open(await postgresAddress(), new AbortController().signal);
  await pg.query("create schema if not exists tasks_session");
});
afterAll(async () => {
  await pg.query("drop schema tasks_session cascade");
  await pg[Symbol.asyncDispose]();
});

describe("types", () => {
  test.each([
    ["bigint", "'9007199254740993'::bigint", "9007199254740993"],
    ["numeric", "0.10::numeric(10,2)", "0.10"],
    ["date", "'2024-03-31'::date", "2024-03-31"],
    ["timestamp", "'2024-03-31 02:30:00'::timestamp", "2024-03-31T02:30:00.000Z"],
    [
      "timestamp with microseconds",
      "'2024-03-31 02:30:00.123456'::timestamp",
      "2024-03-31T02:30:00.123456Z",
    ],
    ["timestamptz", "'2024-03-31 02:30:00+03'::timestamptz", "2024-03-30T23:30:00.000Z"],
    ["infinity", "'infinity'::timestamptz", "infinity"],
    ["json", "'{\"a\": [1, null]}'::jsonb", { a: [1, null] }],
    ["integer", "7", 7],
    ["boolean", "true", true],
    ["null", "null::date", null],
    ["array of numeric", "array[0.10, 2]::numeric[]", ["0.10", "2"]],
    ["array of date", "array['2024-01-01', null]::date[]", ["2024-01-01", null]],
    [
      "array of timestamptz",
      "array['2024-01-01 00:00+00'::timestamptz]",
      ["2024-01-01T00:00:00.000Z"],
    ],
    ["nested array of bigint", "array[array[1::bigint], array[2::bigint]]", [["1"], ["2"]]],
  ])("%s", async (_name, sql, expected) => {
    const { rows } = await pg.query<{ v: unknown }>(`select ${sql} as v`);
    expect(rows[0]?.v).toEqual(expected);
  });

  test("a Date is the same moment in every zone of the process", async () => {
    const moment = new Date("2024-07-01T22:15:00.250Z");
    const { rows } = await pg.query("select $1::timestamp as a, $1::timestamptz as b", [moment]);
    expect(rows[0]).toEqual({ a: moment.toISOString(), b: moment.toISOString() });
    const named = await pg.named("select @t::timestamp as a", { t: moment });
    expect(named.rows[0]).toEqual({ a: moment.toISOString() });
  });
});

describe("named", () => {
  test("values with quotes, backslashes and dollars stay values", async () => {
    const nasty = `O'Hara \\ $$ $1 @b -- /* ; drop table x`;
    const { rows } = await pg.named(
      "select @a::text as a, '@b' as b, $$@c$$ as c -- @d\n/* @e */",
      {
        a: nasty,
      },
    );
    expect(rows).toEqual([{ a: nasty, b: "@b", c: "@c" }]);
  });

  test("operators that hold an @ are not parameters", async () => {
    const { rows } = await pg.named(`select '{"a":1}'::jsonb @> @part::jsonb as has`, {
      part: { a: 1 },
    });
    expect(rows).toEqual([{ has: true }]);
  });

  test("several statements give the result of the last", async () => {
    const { rows, rowCount } = await pg.named(
      "create temp table t1 (n int) on commit drop; insert into t1 select generate_series(1, @n::int); select n from t1 where n > @low::int",
      { n: 3, low: 1 },
    );
    expect({ rows, rowCount }).toEqual({ rows: [{ n: 2 }, { n: 3 }], rowCount: 2 });
  });

  test("null, arrays, bytes and one name used twice", async () => {
    const { rows } = await pg.named(
      "select @a::text is null as a, @list::text[] as list, @raw::bytea as raw, @n::int + @n::int as n",
      { a: null, list: ['x"y', "a,b", null, "back\\slash"], raw: Buffer.from([0, 255]), n: 2 },
    );
    expect(rows).toEqual([
      { a: true, list: ['x"y', "a,b", null, "back\\slash"], raw: Buffer.from([0, 255]), n: 4 },
    ]);
  });

  test("a missing and an unknown name are named", async () => {
    await expect(pg.named("select @from::date", { form: "2024-01-01" })).rejects.toThrow(
      "SQL text needs a value for @from, has no parameter @form; its parameters are: @from",
    );
  });
});

describe("copyFrom", () => {
  test("every awkward text comes back as it was, null apart from empty", async () => {
    const texts = [
      "tab\there",
      "line\nfeed",
      "cr\rlf\r\n",
      "back\\slash",
      "\\N",
      "\\.",
      "",
      "ünïcödé 🚀",
      "\b\f\v",
      "'\"",
      null,
    ];
    await pg.query("create table tasks_session.texts (n int, t text)");
    const count = await pg.copyFrom(
      "tasks_session.texts",
      ["n", "t"],
      texts.map((t, n) => [n, t]),
    );
    const { rows } = await pg.query<{ t: string | null }>(
      "select t from tasks_session.texts order by n",
    );
    expect(count).toBe(texts.length);
    expect(rows.map(({ t }) => t)).toEqual(texts);
  });

  test("values of other types, from an async source, into a name that needs quotes", async () => {
    await pg.query(
      'create table tasks_session."Mixed Case" ("select" int, b boolean, d timestamptz, j jsonb, a int[], x bytea, n numeric)',
    );
    const at = new Date("2024-05-01T00:00:00.123Z");
    async function* rows(): AsyncGenerator<unknown[]> {
      yield [1, true, at, { a: "t\tb\\" }, [1, 2], Buffer.from("hé"), "1.10"];
      yield [2, undefined, null, null, null, null, 5n];
    }
    await pg.copyFrom("tasks_session.Mixed Case", ["select", "b", "d", "j", "a", "x", "n"], rows());
    const stored = await pg.query('select * from tasks_session."Mixed Case" order by "select"');
    expect(stored.rows).toEqual([
      {
        select: 1,
        b: true,
        d: at.toISOString(),
        j: { a: "t\tb\\" },
        a: [1, 2],
        x: Buffer.from("hé"),
        n: "1.10",
      },
      { select: 2, b: null, d: null, j: null, a: null, x: null, n: "5" },
    ]);
  });

  test("with types, every value comes back as it was, whatever the size of the row", async () => {
    await pg.query("create table tasks_session.typed (n int, o bigint, t text, x bytea)");
    const large = "\t🚀\\N\n".repeat(30_000);
    const given = [
      [0, "9223372036854775807", "tab\tfeed\n\\N", Buffer.from([0, 255, 92])],
      [-2_147_483_648, -9_223_372_036_854_775_808n, "", Buffer.alloc(0)],
      [2_147_483_647, -1, Buffer.from("ünïcödé 🚀"), Buffer.from(large)],
      [4, "4294967296", large, null],
      [5, "-4294967297", Buffer.from([0x61, 0xff, 0x62]), undefined],
      [6, Number.MAX_SAFE_INTEGER, null, Buffer.from("x")],
    ];
    async function* later(): AsyncGenerator<unknown[]> {
      yield* given.slice(3);
    }
    const copied = (rows: CopyRows) =>
      pg.copyFrom("tasks_session.typed", ["n", "o", "t", "x"], rows, {
        types: ["int4", "int8", "text", "bytea"],
      });
    expect(await copied(given.slice(0, 3))).toBe(3);
    expect(await copied(later())).toBe(3);
    expect(await copied([])).toBe(0);
    const { rows } = await pg.query("select * from tasks_session.typed order by o");
    expect(rows).toEqual([
      { n: -2_147_483_648, o: "-9223372036854775808", t: "", x: Buffer.alloc(0) },
      { n: 5, o: "-4294967297", t: "a\uFFFDb", x: null },
      { n: 2_147_483_647, o: "-1", t: "ünïcödé 🚀", x: Buffer.from(large) },
      { n: 4, o: "4294967296", t: large, x: null },
      { n: 6, o: "9007199254740991", t: null, x: Buffer.from("x") },
      { n: 0, o: "9223372036854775807", t: "tab\tfeed\n\\N", x: Buffer.from([0, 255, 92]) },
    ]);
  });

  test("with types, a value of another type is refused and stores nothing", async () => {
    await pg.query("create table tasks_session.strict (n int, t text, x bytea)");
    const options = { types: ["int4", "text", "bytea"] } as const;
    const copying = (row: readonly unknown[]) =>
      pg.copyFrom("tasks_session.strict", ["n", "t", "x"], [[1, "a", null], row], options);
    await expect(copying(["", "a", null])).rejects.toThrow("cannot be copied as int4");
    await expect(copying([1.5, "a", null])).rejects.toThrow("cannot be copied as int4");
    for (const large of [2 ** 31, 2n ** 40n, "-2147483649"]) {
      await expect(copying([large, "a", null])).rejects.toMatchObject({
        code: "TIDEMILL_INPUT_INVALID",
        message: expect.stringContaining(`cannot be copied as int4: ${large} is beyond its range`),
      });
    }
    const beyond = pg.copyFrom("tasks_session.strict", ["n"], [[2n ** 63n]], { types: ["int8"] });
    await expect(beyond).rejects.toThrow("as int8: 9223372036854775808 is beyond its range");
    await expect(copying([1, 7, null])).rejects.toThrow("cannot be copied as text");
    await expect(copying([1, "a", "a"])).rejects.toThrow("cannot be copied as bytea");
    await expect(copying([1, "a"])).rejects.toThrow("row field count is 2, expected 3");
    const { rows } = await pg.query("select count(*) from tasks_session.strict");
    expect(rows).toEqual([{ count: "0" }]);
  });

  test("an error of the source or of a row stores nothing and leaves the hook usable", async () => {
    await pg.query("create table tasks_session.few (n int)");
    function* broken(): Generator<unknown[]> {
      for (let n = 0; n < 50_000; n += 1) yield [n];
      throw new Error("source broke");
    }
    await expect(pg.copyFrom("tasks_session.few", ["n"], broken())).rejects.toThrow("source broke");
    await expect(pg.copyFrom("tasks_session.few", ["n"], [["x"]])).rejects.toThrow(
      "invalid input syntax",
    );
    const { rows } = await pg.query("select count(*) from tasks_session.few");
    expect(rows).toEqual([{ count: "0" }]);
  });

  test("copyTo gives back what copyFrom takes", async () => {
    const chunks: Buffer[] = [];
    for await (const chunk of pg.copyTo("select @t::text as t, null::int", { t: "a\tb\\" }))
      chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe("a\\tb\\\\\t\\N\n");
  });
});

describe("stream", () => {
  test("gives every row in batches, and may be left early", async () => {
    const sizes: number[] = [];
    for await (const rows of pg.stream("select generate_series(1, $1::int)", [2_500], {
      batchSize: 1_000,
    })) {
      sizes.push(rows.length);
    }
    expect(sizes).toEqual([1_000, 1_000, 500]);
    for await (const rows of pg.stream("select generate_series(1, 1000000) as n")) {
      expect(rows).toHaveLength(1_000);
      break;
    }
    expect((await pg.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
  });
});

describe("transaction", () => {
  test("an error rolls back", async () => {
    await pg.query("create table tasks_session.kept (n int)");
    const failing = pg.transaction(async (tx) => {
      await tx.copyFrom("tasks_session.kept", ["n"], [[1], [2]]);
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    await pg.transaction((tx) => tx.query("insert into tasks_session.kept values (3)"));
    expect((await pg.query("select n from tasks_session.kept")).rows).toEqual([{ n: 3 }]);
  });

  test("a swallowed error does not pass for a commit", async () => {
    const swallowing = pg.transaction(async (tx) => {
      await tx.query("select 1/0").catch(() => undefined);
    });
    await expect(swallowing).rejects.toThrow("was rolled back at its commit");
  });
});

describe("lock", () => {
  test("two holders of one key take turns; a waiter gives up in time", async () => {
    await pg.lock("load:x", async () => {
      await expect(pg.lock("load:x", async () => 1, { wait: "50ms" })).rejects.toThrow(
        "lock timeout",
      );
      await expect(pg.lock("load:y", async () => 2, { wait: "50ms" })).resolves.toBe(2);
    });
    await expect(pg.lock("load:x", async () => 3, { wait: "50ms" })).resolves.toBe(3);
  });
});

describe("abort", () => {
  test("cancels the statement on the server", async () => {
    const abort = new AbortController();
    const other = await ref.open(await postgresAddress(), abort.signal);
    const sleeping = other.query("select pg_sleep(60) as tasks_session_sleeper");
    await untilRunning();
    abort.abort();
    await expect(sleeping).rejects.toThrow("canceling statement");
    await other[Symbol.asyncDispose]();
  });

  async function untilRunning(): Promise<void> {
    for (let i = 0; i < 10_000; i += 1) {
      const { rows } = await pg.query<{ n: number }>(
        "select count(*)::int as n from pg_stat_activity where query like '%tasks_session_sleeper' and pid <> pg_backend_pid()",
      );
      if (rows[0]?.n === 1) return;
    }
    throw new Error("the statement did not start");
  }
});
