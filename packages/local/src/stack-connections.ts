import { readFileSync } from "node:fs";

import { databaseUri } from "./postgres.ts";
import { SERVICE_IDS, type RunningService, type ServiceId } from "./service.ts";
import type { StackAddresses } from "./stack-file.ts";

/** The addresses of what runs, with those of the environment in their place. */
export function connectionsOf(
  running: ReadonlyMap<ServiceId, RunningService>,
  databases: readonly string[],
): Pick<StackAddresses, "databaseUrl" | "connections" | "kafkaKind"> {
  const connections: Record<string, string> = {};
  for (const service of SERVICE_IDS) {
    const uri = environmentUri(service) ?? running.get(service)?.uri;
    if (uri !== undefined) connections[service] = uri;
  }
  const server = connections["postgres"];
  for (const name of databases) {
    const uri = environmentUri(name) ?? (server === undefined ? server : databaseUri(server, name));
    if (uri !== undefined) connections[name] = uri;
  }
  const kafka = running.get("kafka");
  // Brokers that the environment names are real ones.
  const given = connections["kafka"] === undefined ? undefined : "apache";
  const kafkaKind = kafka === undefined ? given : kafka.kafkaKind;
  const databaseUrl = variable("TIDEMILL_DATABASE_URL") ?? server ?? "";
  return { databaseUrl, connections, kafkaKind };
}

/** The address that the environment names for a connection. */
export function environmentUri(id: string): string | undefined {
  return variable(`TIDEMILL_CONN_${id.toUpperCase().replace(/[^A-Z0-9]/g, "_")}`);
}

/** A variable, or what the file holds that `<name>_FILE` names; one that is set to nothing is not set. */
function variable(name: string): string | undefined {
  const value = process.env[name]?.trim();
  if (value) return value;
  const file = process.env[`${name}_FILE`];
  return file ? readFileSync(file, "utf8").trim() || undefined : undefined;
}
