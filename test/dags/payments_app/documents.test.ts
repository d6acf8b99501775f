import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { generatedDocuments } from "../../../dags/payments_app/lib/generated-documents.ts";

const folder = "dags/payments_app";
const read = (name: string): string => readFileSync(`${folder}/${name}`, "utf8");
/** The formatter aligns tables: blanks and rules of them say nothing. */
const plain = (text: string): string =>
  text
    .replaceAll(/[ \t]+/g, " ")
    .replaceAll(/-{3,}/g, "---")
    .replaceAll(/\n+/g, "\n")
    .replaceAll("\\_", "_")
    .trim();

describe("all documents exist", () => {
  test.each([
    "Value",
    "Stakeholders",
    "KPI",
    "How it flows",
    "Tables",
    "Start",
    "Sample data",
    "Your own sources",
    "Structure",
    "Conclusions",
  ])("the README has %s", (heading) => {
    expect(read("README.md")).toContain(`\n## ${heading}\n`);
  });

  test("README and article have five conclusions with numbers", () => {
    for (const name of ["README.md", "docs/article.md"]) {
      const listed = read(name).match(/^\d+\. .*\d.*$/gm) ?? [];
      expect([name, listed.length >= 5]).toEqual([name, true]);
    }
  });

  test("the diagram names sources, process, warehouse and dashboards", () => {
    const diagram = read("docs/architecture.drawio");
    for (const name of [
      "MySQL",
      "PostgreSQL",
      "Oracle",
      "FTP",
      "NBRB",
      "Yandex",
      "stage",
      "dimention",
      "bi: facts",
      "ClickHouse",
      "Superset",
    ]) {
      expect(diagram).toContain(name);
    }
  });

  test("files that the README links to are there", () => {
    const links = [...read("README.md").matchAll(/\]\((docs\/[^)]+)\)/g)].map(([, path]) => path);
    expect(links.length).toBeGreaterThan(3);
    expect(links.filter((path) => !existsSync(`${folder}/${path}`))).toEqual([]);
  });
});

test("passports, dictionary and lineage say what the code says; npm run docs writes them", async () => {
  for (const [name, text] of Object.entries(await generatedDocuments())) {
    expect([name, plain(read(`docs/${name}`))]).toEqual([name, plain(text)]);
  }
});

test("every source has a passport with its six lines", () => {
  const passports = read("docs/source-passports.md").split("\n## ").slice(1);
  expect(passports).toHaveLength(8);
  for (const passport of passports) {
    for (const line of ["Type", "Purpose", "Method", "Regularity", "Volume", "Criticality"]) {
      expect(passport).toContain(`- ${line}: `);
    }
  }
});
