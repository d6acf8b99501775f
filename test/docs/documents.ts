import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const root = new URL("../../", import.meta.url);
export const rootPath = fileURLToPath(root);

/** Documents for users; those of the pipelines are tested with them. */
export const documents: readonly string[] = [
  "README.md",
  "GLOSSARY.md",
  "CHANGELOG.md",
  ...readdirSync(new URL("docs/", root))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
  ...["dag-core", "tasks", "local"].map((name) => `packages/${name}/README.md`),
];

export interface Block {
  readonly document: string;
  readonly language: string;
  readonly line: number;
  readonly text: string;
}

/** The code blocks of a document. */
export function blocksOf(document: string): readonly Block[] {
  const text = readFileSync(new URL(document, root), "utf8");
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map((match) => ({
    document,
    language: match[1] ?? "",
    line: text.slice(0, match.index).split("\n").length,
    text: match[2] ?? "",
  }));
}

export const blocks: readonly Block[] = documents.flatMap(blocksOf);
