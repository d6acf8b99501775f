import { expect, test } from "@jest/globals";
import { checkNode, isNodeNewEnough } from "../../../packages/dag-core/src/cli/node-version.ts";

test.each<[string, boolean]>([
  ["20.20.2", false],
  ["22.17.1", false],
  ["22.18.0", true],
  ["23.0.0", true],
  ["24.21.0", true],
])("Node %s is new enough: %s", (version, isEnough) => {
  expect(isNodeNewEnough(version)).toBe(isEnough);
});

test("one that is too old is refused with what to install", () => {
  expect(() => checkNode("20.20.2")).toThrow(
    'Node 20.20.2 is too old; install 22.18 or newer, for this project alone with "npm install --save-dev node@24"',
  );
});
