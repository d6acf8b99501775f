import { join } from "node:path";

import { rm } from "node:fs/promises";

import { startApacheKafka } from "./kafka-apache.ts";
import { startMokapi, type MokapiOptions } from "./mokapi.ts";
import { findJava } from "./java.ts";
import { LocalStackError, localStackError } from "./errors.ts";
import type { KafkaKind, RunningService } from "./service.ts";

export interface KafkaOptions extends MokapiOptions {
  readonly kind: KafkaKind | "auto";
}

/** Starts Apache Kafka where Java 17 or newer is found, else the stand-in with its limits named. */
export async function startKafka(options: KafkaOptions): Promise<RunningService> {
  const onlyReal = options.kind === "apache" || process.env["TIDEMILL_TEST_KAFKA"] === "apache";
  if (options.kind === "mokapi" && !onlyReal) return startStandIn(options, "it was asked for");
  const java = await findJava();
  if (!java.found && onlyReal) throw localStackError("TIDEMILL_LOCAL_JAVA_MISSING", [java.reason]);
  if (!java.found) return startStandIn(options, "Java 17 or newer was not found; install it");
  try {
    return { ...(await startApacheKafka(options, java)), kafkaKind: "apache" };
  } catch (error) {
    // Jars that cannot be read are a matter of the network; jars that differ are not forgiven.
    const unread = error instanceof LocalStackError && error.code === "TIDEMILL_LOCAL_JAR_MISSING";
    if (onlyReal || !unread) throw error;
    return startStandIn(options, error.message);
  }
}

async function startStandIn(options: KafkaOptions, reason: string): Promise<RunningService> {
  const service = await startMokapi(options);
  const limits = [
    `Kafka is a stand-in (go-mokapi), not Apache Kafka: ${reason}`,
    ...service.limits,
  ];
  return { ...service, limits, kafkaKind: "mokapi" };
}

/** Removes everything that Kafka keeps in the stack's directory. */
export async function dropKafka(directory: string): Promise<void> {
  for (const folder of ["kafka", "mokapi"]) {
    await rm(join(directory, folder), { recursive: true, force: true });
  }
}
