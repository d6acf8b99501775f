import type { LookupAddress } from "node:dns";
import { lookup } from "node:dns/promises";
import { BlockList, isIP } from "node:net";
import { tidemillError } from "../kernel/errors.ts";

/** What is no address of the internet: private, loopback, link-local (with the metadata of clouds), reserved. */
const notPublic = new BlockList();
for (const [network, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
] as const) {
  notPublic.addSubnet(network, bits, "ipv4");
}

/** The unicast internet; all else in IPv6 is local, reserved or stands for an address of IPv4. */
const publicV6 = new BlockList();
publicV6.addSubnet("2000::", 3, "ipv6");
const tunnels = new BlockList();
tunnels.addSubnet("2001::", 32, "ipv6");
tunnels.addSubnet("2001:db8::", 32, "ipv6");
tunnels.addSubnet("2002::", 16, "ipv6");

/**
 * Whether an address is one of the internet.
 *
 * @example isPublicAddress("169.254.169.254") // false
 */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !notPublic.check(address, "ipv4");
    case 6:
      return publicV6.check(address, "ipv6") && !tunnels.check(address, "ipv6");
    default:
      return false;
  }
}

/**
 * Resolves the host of a URL once, so that the request goes to the address that was looked at.
 *
 * @throws TidemillError `TIDEMILL_WEBHOOK_ADDRESS` when one of its addresses is none of the internet
 */
export async function resolveAddress(
  { hostname }: URL,
  allowsPrivate: boolean,
): Promise<LookupAddress> {
  const host = hostname.replace(/^\[|\]$/g, "");
  const found = await lookup(host, { all: true });
  const refused = allowsPrivate ? undefined : found.find((one) => !isPublicAddress(one.address));
  const [first] = found;
  if (first && !refused) return first;
  const address = refused?.address ?? "nothing";
  throw tidemillError("TIDEMILL_WEBHOOK_ADDRESS", { host, address });
}
