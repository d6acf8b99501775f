import type { Calendar } from "./calendar.ts";
import { money, randomOf, scatter } from "./draw.ts";
import { kindOf } from "./merchants.ts";
import { adReport, document } from "./office-files.ts";
import { before, type Scale } from "./scales.ts";

export interface SampleFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface FileOptions {
  readonly seed: number;
  readonly scale: Scale;
  readonly calendar: Calendar;
  readonly day: number;
}

const comments = [
  "",
  '"paid; delivered"',
  '"two\nlines"',
  '"a ""quoted"" word"',
  "leave at the door",
] as const;
const header = "sale_id,sold_at,merchant_id,product_code,quantity,amount,currency,comment";

/** Cents as a person of an office types them: every third day with a decimal comma, quoted for its sake. */
const typed = (cents: number, day: number): string =>
  day % 3 === 0 ? `"${money(cents).replace(".", ",")}"` : money(cents);

/** The bytes of a day's CSV: with a byte order mark on some days, in the encoding of an old office on others. */
function csvFile({ seed, scale, calendar, day }: FileOptions): SampleFile {
  const random = randomOf(seed, "csv", day);
  const first = before(scale.csvLines, day, scale.days);
  const last = before(scale.csvLines, day + 1, scale.days);
  const lines = [header];
  for (let id = first + 1; id <= last; id += 1) {
    const isStrange = id % 211 === 7;
    const merchant = isStrange ? scale.merchants + 500 : random.integer(1, scale.merchants);
    const amount = id % 173 === 9 ? "n/a" : typed(random.integer(300, 20_000), day);
    const row = [
      id,
      calendar.instant(day, random.integer(28_800, 79_200)),
      merchant,
      kindOf(merchant).product,
      random.integer(1, 5),
      amount,
      "BYN",
      random.pick(comments),
    ];
    lines.push(row.join(","));
  }
  const lineEnd = day % 5 === 0 ? "\r\n" : "\n";
  const text = lines.map((line) => line + lineEnd).join("");
  const bytes = Buffer.from(day % 7 === 0 ? `\uFEFF${text}` : text);
  return { name: `sales_${calendar.date(day)}.csv`, bytes };
}

const levels = [
  ["INFO", 80],
  ["DEBUG", 10],
  ["WARN", 7],
  ["ERROR", 3],
] as const;
const services = ["gateway", "ledger", "notifier"] as const;
/** "note" in the letters of windows-1251, which no utf-8 text has in this order. */
const oldNote = Buffer.from([0xe7, 0xe0, 0xec, 0xe5, 0xf2, 0xea, 0xe0]);

function logFile({ seed, scale, calendar, day }: FileOptions): SampleFile {
  const random = randomOf(seed, "log", day);
  const count =
    before(scale.logLines, day + 1, scale.days) - before(scale.logLines, day, scale.days);
  const parts: Buffer[] = [];
  for (let index = 0; index < count; index += 1) {
    const time = calendar.instant(day, Math.floor((index * 86_000) / count));
    const level = random.weighted(levels);
    const line = `${time} ${level} [${random.pick(services)}] batch ${index} done in ${random.integer(3, 900)} ms`;
    const isBroken = scatter(day * 1_000 + index, 977) === 1;
    parts.push(Buffer.from(isBroken ? "-- cut off" : line));
    if (day % 10 === 4 && index === 0) parts.push(Buffer.from(" "), oldNote);
    parts.push(Buffer.from("\n"));
  }
  return { name: `server_${calendar.date(day)}.txt`, bytes: Buffer.concat(parts) };
}

/** The reports of the weeks that end within the days; the first weeks of a volume are without one if it has fewer. */
function reportOf(options: FileOptions): SampleFile[] {
  const { calendar, day, scale } = options;
  const weeksLeft = Math.floor((scale.days - 1 - day) / 7);
  if (calendar.weekday(day) !== 7 || weeksLeft >= scale.excelReports) return [];
  return [{ name: `ad_report_${calendar.date(day)}.xlsx`, bytes: adReport(options) }];
}

function documentsOf({ calendar, day, scale }: FileOptions): SampleFile[] {
  const first = before(scale.documents, day, scale.days);
  const last = before(scale.documents, day + 1, scale.days);
  return Array.from({ length: last - first }, (_, index) => {
    const number = first + index + 1;
    return {
      name: `contract_${String(number).padStart(3, "0")}.docx`,
      bytes: document(number, calendar.date(day)),
    };
  });
}

/** What partners and servers leave in the folder on one day. */
export const filesOfDay = (options: FileOptions): SampleFile[] => [
  csvFile(options),
  logFile(options),
  ...reportOf(options),
  ...documentsOf(options),
];
