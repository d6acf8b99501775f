import { createHash } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Calendar } from "../../../dags/payments_app/lib/generator/calendar.ts";
import { dayRows } from "../../../dags/payments_app/lib/generator/day.ts";
import { filesOfDay } from "../../../dags/payments_app/lib/generator/sample-files.ts";
import { scales } from "../../../dags/payments_app/lib/generator/scales.ts";
import adReport from "../../../dags/payments_app/payments_ad_report_weekly.ts";
import daily from "../../../dags/payments_app/payments_dwh_daily.ts";
import { ftpServer } from "../../helpers/ftp-server.ts";
import { goldenSource } from "./golden-source.ts";
import { postgresOnly, type Row, type Warehouse, warehouse } from "./warehouse.ts";

const header = "sale_id,sold_at,merchant_id,product_code,quantity,amount,currency,comment\n";
const day = "2024-03-20";
let app: Warehouse;

beforeAll(async () => {
  app = await warehouse();
  await app.runWell(daily, { batchDt: "2024-02-25" }, [...postgresOnly, "validate"]);
  await goldenSource(app);
});
afterAll(async () => app[Symbol.asyncDispose]());

/** Loads the day with a CSV of these bytes; what was sold and what was refused. */
async function load(bytes: string | Uint8Array): Promise<{ sold: Row[]; refused: Row[] }> {
  await app.query("truncate bi.fct_partner_sale");
  await writeFile(join(app.files, `sales_${day}.csv`), bytes);
  await app.runWell(daily, { since: "2024-03-01", batchDt: day }, [
    ...postgresOnly,
    "extract_mysql",
  ]);
  return {
    sold: await app.query("select sale_id, amount, comment from bi.fct_partner_sale order by 1"),
    refused: await app.query(
      `select coalesce(payload ->> 'message', reason_code) as why from dq.rejected_rows
       where table_name in ('file', 'stage.sales_csv') order by rejected_row_id`,
    ),
  };
}
const line = (id: number, amount = "5.00", comment = "") =>
  `${id},${day}T10:00:00Z,1,groceries,1,${amount},BYN,${comment}\n`;
const why = ({ refused }: { refused: Row[] }) =>
  refused.map((row) => row["why"] as string).join("|");

describe("CSV of sales", () => {
  test("quotes, line breaks and semicolons in fields, a byte order mark, decimal commas", async () => {
    const text = `\uFEFF${header}${line(1, '"1 234,50"', '"two\nlines; ""quoted"""')}${line(2)}`;
    expect(await load(text)).toEqual({
      sold: [
        { sale_id: "1", amount: "1234.50", comment: 'two\nlines; "quoted"' },
        { sale_id: "2", amount: "5.00", comment: null },
      ],
      refused: [],
    });
  });

  test("an old encoding is read", async () => {
    const old = Buffer.concat([
      Buffer.from(header),
      Buffer.from(line(1).slice(0, -1)),
      Buffer.from([0xe7, 0xe0, 0xec, 0x0a]),
    ]);
    expect((await load(old)).sold).toEqual([{ sale_id: "1", amount: "5.00", comment: "зам" }]);
  });

  test("wrong types, repeated keys and short lines are rows of dq", async () => {
    const text = `${header}${line(1, "abc")}${line(2)}${line(2, "6.00")}x,y\n${line(4, "-1.00")}`;
    const loaded = await load(text);
    expect(loaded.sold).toEqual([{ sale_id: "2", amount: "6.00", comment: null }]);
    expect(why(loaded).split("|").sort()).toEqual([
      "amount_invalid",
      "amount_negative",
      "sale_id_invalid",
      "sale_id_repeated",
    ]);
  });

  test.each([
    ["an empty file", "", "is empty"],
    ["a column that is gone", header.replace("amount", "total"), 'has no column "amount"'],
    ["a file cut off inside quotes", `${header}1,"2024`, "cannot be read as CSV"],
    [
      "a file cut off in a line",
      `${header}${line(1)}2,2024-03-20T10:0`,
      "ends in the middle of record 2",
    ],
  ])("%s is refused as a whole, and the day goes on", async (_, text, problem) => {
    const loaded = await load(text);
    expect(loaded.sold).toEqual([]);
    expect(why(loaded)).toContain(problem);
  });
});

describe("samples", () => {
  const calendar = new Calendar("2024-06-29", scales.small.days);
  const digest = (seed: number): string => {
    const hash = createHash("sha256");
    for (let at = 0; at < scales.small.days; at += 1) {
      const options = { seed, scale: scales.small, calendar, day: at, lastDay: 39 };
      hash.update(JSON.stringify(dayRows(options)));
      for (const { name, bytes } of filesOfDay(options)) hash.update(name).update(bytes);
    }
    return hash.digest("hex");
  };

  test("equal seeds give equal bytes, others do not", () => {
    expect(digest(42)).toBe(digest(42));
    expect(digest(42)).not.toBe(digest(43));
  });

  test("volumes are those of the scale", () => {
    const options = { seed: 42, scale: scales.demo, calendar: new Calendar("2024-06-29", 120) };
    const lengths = Array.from({ length: 120 }, (_, at) =>
      dayRows({ ...options, day: at, lastDay: 119 }),
    );
    const sum = (name: "events" | "sessions" | "transactions") =>
      new Set(lengths.flatMap((rows) => rows[name].map(([id]) => id))).size;
    expect([sum("transactions"), sum("events"), sum("sessions")]).toEqual([
      20_000, 100_000, 15_000,
    ]);
    const files = Array.from({ length: 120 }, (_, at) =>
      filesOfDay({ ...options, day: at }),
    ).flat();
    expect(files.filter(({ name }) => name.endsWith(".xlsx"))).toHaveLength(17);
    expect(files.filter(({ name }) => name.endsWith(".docx"))).toHaveLength(3);
  });
});

test("Excel and Word by FTP: reports and documents are loaded once, and again when they change", async () => {
  await using server = await ftpServer();
  const calendar = new Calendar("2024-03-25", 10);
  const files = [6, 9].flatMap((at) =>
    filesOfDay({ seed: 1, scale: { ...scales.small, days: 10 }, calendar, day: at }),
  );
  for (const { name, bytes } of files) await writeFile(join(server.folder, name), bytes);
  await app.query("truncate bi.fct_ad_spend");
  app.connections["payments_ftp"] = server.uri.replace("/reports", "/");
  const first = await app.runWell(adReport, {}, ["refresh"]);
  expect(first.get("load_ad_report")?.state).toBe("success");
  const [spend] = await app.query(
    "select count(*) as days, count(distinct channel) as channels, bool_and(spend_byn > 0) as spent from bi.fct_ad_spend",
  );
  expect(spend).toEqual({ days: "28", channels: "4", spent: true });
  const second = await app.run(adReport, {}, ["refresh"]);
  expect(second.get("sense_excel")?.state).toBe("skipped");
  await rm(join(app.files, `sales_${day}.csv`), { force: true });
});
