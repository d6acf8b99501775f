import { readFileSync } from "node:fs";
import { parse } from "yaml";

const root = new URL("../../", import.meta.url);
export const rootFile = (path: string): URL => new URL(path, root);

export interface ComposeService {
  readonly image: string;
  readonly build?: string;
  readonly command?: readonly string[];
  readonly restart?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly healthcheck: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}

export interface Compose {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

export const composeText = readFileSync(rootFile("docker-compose.yml"), "utf8");
export const compose = parse(composeText, { merge: true }) as Compose;

/** Variables that `.env.example` lists, with their values there. */
export const exampleEnvironment: Readonly<Record<string, string>> = Object.fromEntries(
  readFileSync(rootFile(".env.example"), "utf8")
    .split("\n")
    .filter((line) => /^[A-Z]/.test(line))
    .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
);

/** An environment as compose would pass it on, with `values` in the place of `.env`. */
export function interpolated(
  environment: Readonly<Record<string, string>>,
  values: Readonly<Record<string, string>>,
): Record<string, string> {
  const fill = (text: string): string =>
    text.replace(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_, name: string, kind?: string, rest = "") => {
      const value = values[name] ?? "";
      if (value !== "") return value;
      if (kind === "-") return String(rest);
      throw new Error(`${name} has no value: ${String(rest)}`);
    });
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [name, fill(value)]),
  );
}
