const secretName = /key|token|secret|passw|auth|sign|app_?id/i;

/** The secret values of a request: of query parameters and headers whose names say so, and those given. */
export function secretsOf(
  url: URL,
  headers: Readonly<Record<string, string>>,
  given: readonly string[],
): string[] {
  const named = [...url.searchParams, ...Object.entries(headers)]
    .filter(([name]) => secretName.test(name))
    .flatMap(([, value]) => [value, value.replace(/^(Bearer|Basic) /i, "")]);
  const all = [...given, ...named].filter((secret) => secret !== "");
  // Longest first, so that no part of one is left over.
  return [...new Set([...all, ...all.map(encodeURIComponent)])].sort((a, b) => b.length - a.length);
}

/** The text with every secret as `***`. */
export const redact = (text: string, secrets: readonly string[]): string =>
  secrets.reduce((clean, secret) => clean.replaceAll(secret, "***"), text);
