import type { ServiceId } from "@tidemill/local";
import { freePort } from "../../packages/local/src/ports.ts";
import { testStack } from "./stack.ts";

async function address(service: ServiceId): Promise<string> {
  const uri = (await testStack([service])).connections[service];
  if (uri === undefined) throw new Error(`the test stack has no address for ${service}`);
  return uri;
}

export const postgresAddress = (): Promise<string> => address("postgres");
export const kafkaAddress = (): Promise<string> => address("kafka");
export const clickHouseAddress = (): Promise<string> => address("clickhouse");

/** The stand-in lacks much of what the tests of the reader do to a broker; a run with it skips them. */
export const kafkaIsReal = async (): Promise<boolean> =>
  (await testStack(["kafka"])).kafkaKind === "apache";

/** A port of the loopback that nobody listens on, and that no stack of this user takes meanwhile. */
export const closedPort = (): Promise<number> => freePort(0);

/** What a promise rejects with, as text; it must reject. */
export async function rejectionText(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return error instanceof Error ? error.message : JSON.stringify(error);
  }
  throw new Error("the promise did not reject");
}
