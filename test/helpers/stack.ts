import type { ServiceId, StackAddresses } from "@tidemill/local";

import { ADDRESS_VARIABLE } from "./stack-address.ts";

/**
 * Addresses of the stack that all test files of a jest run share; services start when they are
 * first asked for, and stop after the last file. Databases, tables and topics in them need names of
 * their own in each file. With TIDEMILL_TEST_SERVICES (`postgres,kafka`) others are refused.
 */
export async function testStack(services: readonly ServiceId[]): Promise<StackAddresses> {
  const address = process.env[ADDRESS_VARIABLE];
  if (address === undefined) {
    throw new Error(`${ADDRESS_VARIABLE} is not set; run jest with the project's jest.config.mjs`);
  }
  const query = new URLSearchParams();
  for (const service of services) query.append("service", service);
  const response = await fetch(`${address}?${query.toString()}`);
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as StackAddresses;
}
