// Writes packages/dag-core/schema.sql from a Postgres of its own, which is dropped afterwards.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startStack } from "@tidemill/local";
import { Database } from "../packages/dag-core/src/store/database.ts";
import { migrate } from "../packages/dag-core/src/store/migrate.ts";
import { dumpSchema } from "./dump-schema.ts";

const directory = mkdtempSync(join(tmpdir(), "tidemill-schema-"));
chmodSync(directory, 0o755);
const stack = await startStack({ directory, services: ["postgres"], ports: { postgres: 0 } });
const database = new Database({ url: stack.addresses.databaseUrl, connections: 1 });
try {
  await migrate(database);
  const target = new URL("../packages/dag-core/schema.sql", import.meta.url);
  writeFileSync(target, await dumpSchema(database));
} finally {
  await database.close();
  await stack.stop();
  rmSync(directory, { recursive: true, force: true });
}
