import { createReadStream } from "node:fs";
import { access, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { tidemillError } from "@tidemill/dag-core";
import { type JsonRecord, readJson } from "@tidemill/tasks/files";
import { revisionsFile } from "./generate-files.ts";
import { JsonArrayFile, recordText } from "./generator/json-array-file.ts";
import { type Entity, entities, type Revision } from "./records.ts";

export interface SplitOptions {
  readonly rawDir: string;
  readonly splitDir: string;
  /** How many parts. Defaults to 5. */
  readonly parts?: number;
  /** The number of the last part that there is already; the new ones come after it. Defaults to 0. */
  readonly after?: number;
}

/** A record of whatever file; only its keys are looked at. */
type Keyed = Readonly<Record<string, unknown>>;

export const partFolder = (splitDir: string, part: number): string =>
  join(splitDir, `part_${part}`);
export const partFile = (splitDir: string, part: number, entity: Entity): string =>
  join(partFolder(splitDir, part), `${entity}_${part}.json`);

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

const missingRaw = (rawDir: string, missing: readonly Entity[]): Error =>
  tidemillError("TIDEMILL_INPUT_INVALID", {
    subject: `Folder "${rawDir}"`,
    problem: `has no ${missing.map((entity) => `${entity}.json`).join(", ")}`,
    remedy: `run "npm run loans -- generate", or set RAW_DIR to the folder of your files`,
  });

async function requireRawFiles(rawDir: string): Promise<void> {
  const missing: Entity[] = [];
  for (const entity of entities) {
    if (!(await exists(join(rawDir, `${entity}.json`)))) missing.push(entity);
  }
  if (missing.length > 0) throw missingRaw(rawDir, missing);
}

const keyed = ({ value }: JsonRecord): Keyed => (value ?? {}) as Keyed;
const loanKey = (record: Keyed): string =>
  JSON.stringify([record["client_id"], record["loan_name"]]);

const records = (rawDir: string, entity: Entity): AsyncIterable<JsonRecord> => {
  const path = join(rawDir, `${entity}.json`);
  return readJson(createReadStream(path), { name: path });
};

async function all(rawDir: string, entity: Entity): Promise<Keyed[]> {
  const found: Keyed[] = [];
  for await (const record of records(rawDir, entity)) found.push(keyed(record));
  return found;
}

/** In which part a record appears first; what belongs to no loan comes with the last part, so that nothing is lost. */
interface Plan {
  readonly parts: number;
  readonly loans: ReadonlyMap<string, number>;
  readonly clients: ReadonlyMap<unknown, number>;
}

function planOf(loans: readonly Keyed[], parts: number): Plan {
  const startOf = (loan: Keyed) => String(loan["loan_start_date"]);
  const sorted = loans.toSorted((a, b) =>
    startOf(a) < startOf(b) ? -1 : Number(startOf(a) > startOf(b)),
  );
  const perPart = Math.floor(sorted.length / parts) + 1;
  const firstOfLoan = new Map<string, number>();
  const firstOfClient = new Map<unknown, number>();
  for (const [index, loan] of sorted.entries()) {
    const part = Math.floor(index / perPart) + 1;
    if (!firstOfLoan.has(loanKey(loan))) firstOfLoan.set(loanKey(loan), part);
    if (!firstOfClient.has(loan["client_id"])) firstOfClient.set(loan["client_id"], part);
  }
  return { parts, loans: firstOfLoan, clients: firstOfClient };
}

const firstPart = ({ parts, loans, clients }: Plan, entity: Entity, record: Keyed): number =>
  (entity === "clients" ? clients.get(record["client_id"]) : loans.get(loanKey(record))) ?? parts;

const revisionKey = (entity: Entity, record: Keyed): string =>
  JSON.stringify([
    entity,
    record["client_id"],
    ...(entity === "payments" ? [record["loan_name"], record["payment_number"]] : []),
  ]);

async function readRevisions(rawDir: string): Promise<ReadonlyMap<string, object>> {
  const path = join(rawDir, revisionsFile);
  if (!(await exists(path))) return new Map();
  const revisions = JSON.parse(await readFile(path, "utf8")) as readonly Revision[];
  return new Map(revisions.map((one) => [revisionKey(one.entity, { ...one }), one.earlier]));
}

async function splitEntity(
  entity: Entity,
  source: AsyncIterable<Keyed> | Iterable<Keyed>,
  { plan, options, revisions }: Work,
): Promise<number> {
  const { splitDir, after = 0 } = options;
  await using files = new AsyncDisposableStack();
  const outputs: JsonArrayFile[] = [];
  for (let part = 1; part <= plan.parts; part += 1) {
    outputs.push(files.use(await JsonArrayFile.create(partFile(splitDir, after + part, entity))));
  }
  let written = 0;
  for await (const record of source) {
    const first = firstPart(plan, entity, record);
    const text = recordText(record);
    const earlier = revisions.get(revisionKey(entity, record));
    for (const [index, output] of outputs.entries()) {
      if (index + 1 < first) continue;
      const isEarlier = earlier !== undefined && index + 1 === first && first < plan.parts;
      await output.write(isEarlier ? recordText({ ...record, ...earlier }) : text);
      written += 1;
    }
  }
  for (const output of outputs) await output.finish();
  return written;
}

interface Work {
  readonly plan: Plan;
  readonly options: SplitOptions;
  readonly revisions: ReadonlyMap<string, object>;
}

async function* streamed(rawDir: string): AsyncGenerator<Keyed> {
  for await (const record of records(rawDir, "payments")) yield keyed(record);
}

/** Parts of an earlier split with more of them would be taken for more to load. */
async function removeLaterParts({ splitDir, parts = 5, after = 0 }: SplitOptions): Promise<void> {
  for (let part = after + parts + 1; await exists(partFolder(splitDir, part)); part += 1) {
    await rm(partFolder(splitDir, part), { recursive: true });
  }
}

/**
 * Splits the three raw files into parts, each holding all of the one before: loans by their start, the payments of
 * those loans and the clients that own them. The last part is the whole. Payments are read as a stream.
 *
 * @returns Records written by entity, over all parts.
 * @throws TidemillError `TIDEMILL_INPUT_INVALID` when a raw file is missing or broken; `TIDEMILL_OPTION_INVALID` for a
 * number of parts below 1.
 * @example await splitFiles({ rawDir: "raw", splitDir: "split", parts: 10 });
 */
export async function splitFiles(options: SplitOptions): Promise<Readonly<Record<Entity, number>>> {
  const { rawDir, parts = 5 } = options;
  if (!Number.isInteger(parts) || parts < 1 || parts > 1_000) {
    const details = { subject: "split", problem: `is ${parts}`, remedy: "give 1 to 1000" };
    throw tidemillError("TIDEMILL_OPTION_INVALID", { option: "parts", ...details });
  }
  await requireRawFiles(rawDir);
  const clients = await all(rawDir, "clients");
  const loans = await all(rawDir, "loans");
  const work: Work = {
    plan: planOf(loans, parts),
    options,
    revisions: await readRevisions(rawDir),
  };
  const written = {
    clients: await splitEntity("clients", clients, work),
    loans: await splitEntity("loans", loans, work),
    payments: await splitEntity("payments", streamed(rawDir), work),
  };
  await removeLaterParts(options);
  return written;
}
