import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";

const main = fileURLToPath(new URL("../../bench/main.ts", import.meta.url));

test("a form of output that there is not is refused before anything is played", () => {
  const args = ["--conditions=source", main, "--output", "yaml"];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  expect({ status, stdout, stderr }).toEqual({
    status: 2,
    stdout: "",
    stderr: '"yaml" is no form of output; choose one of table, json.\n',
  });
});
