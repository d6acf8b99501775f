import { readFile } from "node:fs/promises";

export interface TlsFiles {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

const parameters = { ca: "sslrootcert", cert: "sslcert", key: "sslkey" } as const;

/** The PEM files that a URI names, by the parameters that Postgres uses. */
export async function tlsFiles(query: URLSearchParams): Promise<TlsFiles> {
  const files: Record<string, Buffer> = {};
  for (const [name, parameter] of Object.entries(parameters)) {
    const path = query.get(parameter);
    if (path !== null) files[name] = await readFile(path);
  }
  return files;
}
