import { type TidemillError, tidemillError } from "@tidemill/dag-core";

/** Codes of the socket layer that mean: nobody answered, or the answer was cut off. */
const networkCodes = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EPIPE",
  "ETIMEDOUT",
  "UND_ERR_SOCKET",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** The first code found in an error, its causes and, for several addresses tried at once, its parts. */
export function errorCode(error: unknown, depth = 0): string | undefined {
  if (typeof error !== "object" || error === null || depth > 5) return undefined;
  const { code, cause, errors } = error as { code?: unknown; cause?: unknown; errors?: unknown };
  if (typeof code === "string" && code !== "") return code;
  const first = Array.isArray(errors) ? (errors[0] as unknown) : undefined;
  return errorCode(cause ?? first, depth + 1);
}

/** Node's names for a certificate that is not trusted, has expired, or is of another host. */
const certificateCode = /CERT|UNABLE_TO_VERIFY|^ERR_TLS/;

export function isNetworkError(error: unknown): boolean {
  const code = errorCode(error) ?? "";
  return networkCodes.has(code) || certificateCode.test(code);
}

export interface System {
  readonly system: string;
  /** Host and port, without credentials. */
  readonly address: string;
  readonly remedy: string;
}

/** The error for a system that does not answer: its name, where it should be, and what to do. */
export function unreachable(
  { system, address, remedy }: System,
  error: unknown,
  problem = errorCode(error) ?? (error instanceof Error ? error.message : String(error)),
): TidemillError {
  const details = { system, address, problem, remedy };
  return tidemillError("TIDEMILL_CONNECTION_UNREACHABLE", details, { cause: error });
}
