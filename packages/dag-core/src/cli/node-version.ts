import { tidemillError } from "../kernel/errors.ts";

export const leastNode = "22.18";

/** Whether a version of Node runs TypeScript as it is and has all that the engine calls. */
export function isNodeNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [leastMajor = 0, leastMinor = 0] = leastNode.split(".").map(Number);
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}

/** @throws TidemillError `TIDEMILL_INPUT_INVALID` for a version that would fail later, and without saying why. */
export function checkNode(version: string): void {
  if (isNodeNewEnough(version)) return;
  throw tidemillError("TIDEMILL_INPUT_INVALID", {
    subject: `Node ${version}`,
    problem: "is too old",
    remedy: `install ${leastNode} or newer, for this project alone with "npm install --save-dev node@24"`,
  });
}
