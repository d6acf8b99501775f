/** An authority that can hold no part of a password: one host, perhaps with a port. */
const plainAddress = /^[^:/]+:\/\/[^/:]*(?::\d+)?(?:\/.*)?$/s;

/**
 * Where a URI points, without user, password and options. A password may hold what should have been encoded.
 *
 * @example addressOf("postgres://etl:s3cret@db:5432/dwh?sslmode=require") // "postgres://db:5432/dwh"
 */
export function addressOf(uri: string): string {
  if (!uri.includes("://")) return "(no URI)";
  const bare = withoutOptions(uri);
  const isCutInPassword = uri.includes("@") && !bare.includes("@") && !plainAddress.test(bare);
  return isCutInPassword ? withoutOptions(withoutUser(uri)) : withoutUser(bare);
}

const withoutOptions = (uri: string): string => uri.replace(/[?#].*$/s, "");
const withoutUser = (uri: string): string => uri.replace(/\/\/.*@/s, "//");
