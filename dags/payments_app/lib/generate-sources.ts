import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TaskContext } from "@tidemill/dag-core";
import type { PostgresTransaction } from "@tidemill/tasks/postgres";
import { paymentsApp } from "../../connections.ts";
import { Calendar } from "./generator/calendar.ts";
import { changeAfterDays, changedStatus, changesStatus, dayRows } from "./generator/day.ts";
import { merchantRows, productRows, strangeMerchant } from "./generator/merchants.ts";
import {
  companyRows,
  contractRows,
  dealRows,
  legalRows,
  registrationDay,
  strangeUser,
  userRow,
} from "./generator/people.ts";
import { filesOfDay } from "./generator/sample-files.ts";
import { before, type Scale, type ScaleName, scales } from "./generator/scales.ts";
import { sampleFolder } from "./inbox.ts";
import { sql } from "./sql.ts";
import { sourceTables } from "./tables.ts";

export interface GenerateOptions {
  readonly scale: ScaleName;
  /** 1 is all days but the last; each later pass is one day more. */
  readonly pass: number;
  readonly seed: number;
  /** The day after the last one of the second pass, `YYYY-MM-DD`. */
  readonly today: string;
}

interface Pass {
  readonly tx: PostgresTransaction;
  readonly options: GenerateOptions;
  readonly scale: Scale;
  readonly calendar: Calendar;
  readonly firstDay: number;
  readonly lastDay: number;
}

type Rows = Iterable<readonly unknown[]>;

const copyTo =
  (tx: PostgresTransaction) =>
  (schema: string, table: string, columns: readonly string[], rows: Rows): Promise<number> =>
    tx.copyFrom(`${schema}.${table}`, columns, rows);

const columnsOf = { ...sourceTables.bitrix, ...sourceTables.payments, ...sourceTables.oracle };

function* usersOf({ scale, calendar }: Pass): Generator<readonly unknown[]> {
  for (let user = 1; user <= scale.users; user += 1) yield userRow(user, scale, calendar, false);
  yield strangeUser(scale, calendar);
}

/** What does not depend on the day. */
async function writeReferences(pass: Pass): Promise<void> {
  const { tx, scale, calendar } = pass;
  const copy = copyTo(tx);
  const put = (schema: string, table: keyof typeof columnsOf, rows: Rows) =>
    copy(schema, table, columnsOf[table].columns, rows);
  await put("src_oracle", "app_user", usersOf(pass));
  await put("src_oracle", "legal_client", legalRows(scale, calendar));
  await put("src_oracle", "contract", contractRows(scale, calendar));
  await put(
    "src_oracle",
    "user_setting",
    Array.from({ length: Math.floor(scale.users / 2) }, (_, index) => [
      index + 1,
      "notifications",
      index % 3 === 0 ? "off" : "on",
      calendar.instant(index % scale.days, 40_000),
    ]),
  );
  await put("src_payments", "ref_product", productRows(calendar.instant(0, 0)));
  await put("src_payments", "ref_merchant", [...merchantRows(scale), strangeMerchant(scale)]);
  await put("src_bitrix", "crm_company", companyRows(scale, calendar));
  await put(
    "src_bitrix",
    "crm_contact",
    Array.from({ length: scale.legalClients }, (_, index) => [
      index + 1,
      `Contact ${index + 1}`,
      calendar.instant(index % scale.days, 40_000),
    ]),
  );
  await put("src_bitrix", "crm_deal", dealRows(scale, calendar));
  await put(
    "src_bitrix",
    "crm_lead",
    Array.from({ length: scale.users }, (_, index) => [
      index + 1,
      "search_ads",
      calendar.instant(Math.max(0, registrationDay(index + 1, scale)), 20_000),
    ]),
  );
}

/** Changes of status that happen on a day, to transactions of three days before. */
function* historyOf({ scale, calendar }: Pass, day: number): Generator<readonly unknown[]> {
  const made = day - changeAfterDays;
  if (made < 0) return;
  const last = before(scale.transactions, made + 1, scale.days);
  for (let id = before(scale.transactions, made, scale.days) + 1; id <= last; id += 1) {
    if (changesStatus(id)) yield [id, changedStatus, calendar.instant(day, 45_000)];
  }
}

async function writeDay(pass: Pass, day: number, folder: string): Promise<void> {
  const { tx, options, scale, calendar, lastDay } = pass;
  const copy = copyTo(tx);
  const { columns } = sourceTables.payments.transactions;
  const rows = dayRows({ seed: options.seed, scale, calendar, day, lastDay });
  await copy("src_payments", "transactions", columns, rows.transactions);
  await copy("src_payments", "app_event", sourceTables.payments.app_event.columns, rows.events);
  await copy("src_oracle", "user_session", sourceTables.oracle.user_session.columns, rows.sessions);
  const history = [...historyOf(pass, day)];
  await copy(
    "src_payments",
    "operation_history",
    sourceTables.payments.operation_history.columns,
    history,
  );
  for (const { name, bytes } of filesOfDay({ seed: options.seed, scale, calendar, day })) {
    await writeFile(join(folder, name), bytes);
  }
}

/** What a later day changes of what was there: statuses of transactions, names and addresses of users. */
async function changeEarlier({ tx, scale, calendar, lastDay, options }: Pass): Promise<void> {
  await sql.run(tx, "transform/etl/sample_status_changes.sql", {
    from: calendar.instant(lastDay, 0),
    to: calendar.instant(lastDay + 1, 0),
  });
  if (options.pass !== 2) return;
  const moved = Array.from({ length: scale.users }, (_, index) => index + 1)
    .filter((user) => user % 50 === 7)
    .map((user) => userRow(user, scale, calendar, true))
    .map(([id, name, , , address]) => ({ id, name, address }));
  await sql.run(tx, "transform/etl/sample_moves.sql", { rows: JSON.stringify(moved) });
}

const daysOf = ({ pass }: GenerateOptions, { days }: Scale) => ({
  firstDay: pass === 1 ? 0 : days + pass - 3,
  lastDay: days + pass - 3,
});

interface PassRow {
  readonly pass: number;
  readonly scale: string;
  readonly seed: string;
  readonly today: string;
}

/** The passes that the sources hold already, if they are of this volume; another volume is removed. */
async function heldPasses(tx: PostgresTransaction, options: GenerateOptions): Promise<number> {
  const { rows } = await sql.run<PassRow>(tx, "transform/etl/generator_passes.sql");
  const isSame = rows.every(
    ({ scale, seed, today }) =>
      scale === options.scale && Number(seed) === options.seed && today === options.today,
  );
  if (isSame) return rows.length;
  await sql.run(tx, "transform/etl/empty_sources.sql");
  return 0;
}

async function writePass(ctx: TaskContext, options: GenerateOptions): Promise<boolean> {
  const folder = sampleFolder();
  await mkdir(folder, { recursive: true });
  return await ctx.transaction(paymentsApp, `pass ${options.pass}`, async (tx) => {
    if ((await heldPasses(tx, options)) >= options.pass) return false;
    // A fault of before is a view in the place of the table.
    await sql.run(tx, "transform/faults/repair.sql");
    const scale = scales[options.scale];
    const calendar = new Calendar(options.today, scale.days);
    const pass: Pass = { tx, options, scale, calendar, ...daysOf(options, scale) };
    if (options.pass === 1) await writeReferences(pass);
    for (let day = pass.firstDay; day <= pass.lastDay; day += 1) {
      ctx.signal.throwIfAborted();
      await writeDay(pass, day, folder);
    }
    if (options.pass > 1) await changeEarlier(pass);
    await sql.run(tx, "transform/etl/generator_pass.sql", { ...options });
    return true;
  });
}

/**
 * Fills the emulated sources and the folder of files with a pass of sample data, and with the passes before it. A pass
 * that is there already is left as it is. Equal options give equal bytes.
 */
export async function generateSources(
  ctx: TaskContext,
  options: GenerateOptions,
): Promise<{ passes: number }> {
  let passes = 0;
  for (let pass = 1; pass <= options.pass; pass += 1) {
    if (await writePass(ctx, { ...options, pass })) passes += 1;
  }
  return { passes };
}
