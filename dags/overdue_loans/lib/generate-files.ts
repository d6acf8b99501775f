import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { tidemillError } from "@tidemill/dag-core";
import { type Cast, revisionsOf, withAwkwardCases } from "./generator/awkward-cases.ts";
import { type Era, generatePerson, type Person } from "./generator/generate-person.ts";
import { JsonArrayFile, recordText } from "./generator/json-array-file.ts";
import { type Entity, entities } from "./records.ts";

export interface GenerateOptions {
  /** Where the files go; what is there is replaced. */
  readonly rawDir: string;
  /** Defaults to 20. */
  readonly numClients?: number;
  /** The earliest start of a loan, `YYYY-MM-DD`. */
  readonly startLoanDate: string;
  /** The end of all loans, `YYYY-MM-DD`. */
  readonly today: string;
  /** Defaults to 42. */
  readonly seed?: number;
  /** 1 for the first delivery; a later one has the clients that come after those of the one before. Defaults to 1. */
  readonly pass?: number;
}

export type GeneratedCounts = Readonly<Record<Entity, number>>;

/** Clients by the name of the volume. */
export const scales = { demo: 20, load: 10_000 } as const;

/** What the deliveries before the last one say of records that are corrected later. */
export const revisionsFile = "revisions.json";

const invalid = (option: string, problem: string, remedy: string): Error =>
  tidemillError("TIDEMILL_OPTION_INVALID", { option, subject: "generate", problem, remedy });

function checkOptions({ numClients = scales.demo, startLoanDate, today }: GenerateOptions): void {
  if (!Number.isInteger(numClients) || numClients < 1 || numClients > 900_000) {
    throw invalid("num-clients", `is ${numClients}`, "give a whole number from 1 to 900000");
  }
  if (startLoanDate > today) {
    throw invalid("today", `is ${today}, before START_LOAN_DATE`, "give a later day");
  }
}

async function writePerson(
  { client, loans }: Person,
  files: Readonly<Record<Entity, JsonArrayFile>>,
): Promise<number> {
  await files.clients.write(recordText(client));
  let payments = 0;
  for (const { loan, payments: paid } of loans) {
    await files.loans.write(recordText(loan));
    for (const payment of paid) await files.payments.write(recordText(payment));
    payments += paid.length;
  }
  return payments;
}

async function writePeople(options: GenerateOptions, era: Era): Promise<GeneratedCounts> {
  const { rawDir, numClients = scales.demo, pass = 1 } = options;
  const cast: Cast = { first: (pass - 1) * numClients + 1, last: pass * numClients };
  const passportOfFirst = generatePerson(cast.first, era).client.passport;
  const counts = { clients: 0, loans: 0, payments: 0 };
  await using clients = await JsonArrayFile.create(join(rawDir, "clients.json"));
  await using loans = await JsonArrayFile.create(join(rawDir, "loans.json"));
  await using payments = await JsonArrayFile.create(join(rawDir, "payments.json"));
  const files = { clients, loans, payments };
  for (let id = cast.first; id <= cast.last; id += 1) {
    const person = withAwkwardCases(generatePerson(id, era), era, { cast, passportOfFirst });
    counts.clients += 1;
    counts.loans += person.loans.length;
    counts.payments += await writePerson(person, files);
  }
  for (const entity of entities) await files[entity].finish();
  const revisions = join(rawDir, revisionsFile);
  await writeFile(`${revisions}.partial`, JSON.stringify(revisionsOf(cast.first), null, 2));
  await rename(`${revisions}.partial`, revisions);
  return counts;
}

/**
 * Writes `clients.json`, `loans.json` and `payments.json`, and beside them `revisions.json`: what the parts before the
 * last one say of two records that are corrected. Equal options give equal bytes; memory stays flat.
 *
 * @throws TidemillError `TIDEMILL_OPTION_INVALID` for options out of range.
 * @example await generateFiles({ rawDir: "raw", startLoanDate: "2010-01-01", today: "2025-01-01" });
 */
export function generateFiles(options: GenerateOptions): Promise<GeneratedCounts> {
  checkOptions(options);
  const { startLoanDate, today, seed = 42, pass = 1 } = options;
  return writePeople(options, { seed: `overdue_loans/${seed}/${pass}`, startLoanDate, today });
}
