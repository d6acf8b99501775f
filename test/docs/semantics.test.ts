import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { root } from "./documents.ts";

const page = readFileSync(new URL("docs/semantics.md", root), "utf8");
const [rules = "", troubles = ""] = page.split("## Known troubles");
const link = /\[([^\]]+)\]\(\.\.\/(test\/[\w./-]+\.test\.ts)\)/g;

/** The rows of the tables, without their heads. */
function rowsOf(text: string): readonly (readonly string[])[] {
  const lines = text.split("\n").filter((line) => line.startsWith("|"));
  return lines
    .map((line) => line.slice(1, -1).split("|"))
    .map((cells) => cells.map((cell) => cell.trim()))
    .filter(([first = ""]) => !/^(-+|In Airflow|Trouble)$/.test(first));
}

const isHeld = ([, , heldBy = ""]: readonly string[]) => heldBy.match(link) !== null;

test("each rule says whether it is the same or different here, and names a test that holds it", () => {
  expect(rowsOf(rules).length).toBeGreaterThan(80);
  const unsaid = rowsOf(rules).filter(([, here = ""]) => !/^(same|different)\b/.test(here));
  expect(unsaid).toEqual([]);
  expect(rowsOf(page).filter((row) => !isHeld(row))).toEqual([]);
});

test("each class of known troubles has a file of tests named after it", () => {
  const classes = rowsOf(troubles).map(([name = "", , heldBy = ""]) => {
    const file = name.toLowerCase().replaceAll(" ", "-");
    return heldBy.includes(`-${file}.test.ts)`);
  });
  expect(classes).toEqual(Array(7).fill(true));
});

const held = Map.groupBy(page.matchAll(link), ([, , path = ""]) => path);

test.each([...held].map(([path, links]) => [path, links.map(([, name = ""]) => name)] as const))(
  "%s has the tests that it is named for",
  (path, names) => {
    const file = new URL(path, root);
    expect(existsSync(file)).toBe(true);
    const text = readFileSync(file, "utf8");
    expect(names.filter((name) => !text.includes(name))).toEqual([]);
  },
);
