import { dropClickHouse, startClickHouse } from "./clickhouse.ts";
import { dropKafka, startKafka } from "./kafka.ts";
import { dropPostgres, startPostgres } from "./postgres.ts";
import type { KafkaKind, RunningService, ServiceId, ServiceOptions } from "./service.ts";

interface StartOptions {
  readonly databases?: readonly string[];
  readonly kafka?: KafkaKind | "auto";
  readonly topics?: Readonly<Record<string, number>>;
  readonly postgresSettings?: Readonly<Record<string, string>>;
}

/** Starts a service as the options of its stack say. */
export async function startOne(
  service: ServiceId,
  options: StartOptions,
  given: ServiceOptions,
): Promise<RunningService> {
  const settings = options.postgresSettings ?? {};
  switch (service) {
    case "postgres":
      return startPostgres({ ...given, databases: options.databases ?? [], settings });
    case "clickhouse":
      return startClickHouse(given);
    case "kafka":
      return startKafka({ ...given, kind: options.kafka ?? "auto", topics: options.topics ?? {} });
  }
}

/** What removes the data of each service. */
export const dropData: Readonly<Record<ServiceId, (directory: string) => Promise<void>>> = {
  postgres: dropPostgres,
  clickhouse: dropClickHouse,
  kafka: dropKafka,
};
