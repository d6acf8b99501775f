// Everything that must hold of the source beside its tests: format, lint, types, build, packages. What fails is shown;
// the rest goes on, so that one run tells all of it.
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";

const packages = ["dag-core", "tasks", "local"];
const source = [
  ["build and types of the packages", "node", "scripts/build.mjs"],
  ["format", "prettier", "--check", "--cache", "--log-level", "warn", "."],
  ["lint", "oxlint", "--type-aware"],
];
// These read what was built.
const built = [
  ["types of tests, DAGs and scripts", "tsc", "-p", "tsconfig.check.json"],
  ...packages.flatMap((name) => [
    [`entries of ${name}`, "publint", "--strict", `packages/${name}`],
    [`types of ${name} as packed`, "attw", "--pack", `packages/${name}`, "--profile", "esm-only"],
  ]),
];

/** Packing would build again, under the feet of the others. */
const env = { ...process.env, npm_config_ignore_scripts: "true" };

function run([title, command, ...args]) {
  const started = performance.now();
  const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  child.stderr.on("data", (chunk) => (output += chunk));
  return new Promise((resolve) => {
    const end = (isGood) => {
      const seconds = ((performance.now() - started) / 1_000).toFixed(1);
      if (!isGood) process.stdout.write(`${output}\n`);
      process.stdout.write(`${isGood ? "ok" : "FAILED"}  ${title}  ${seconds} s\n`);
      resolve(isGood);
    };
    child.on("error", (error) => {
      output += error.message;
      end(false);
    });
    child.on("close", (code) => end(code === 0));
  });
}

/** Runs steps side by side. @returns whether all are good */
async function runAll(steps) {
  const waiting = [...steps];
  let isGood = true;
  const work = async () => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      isGood = (await run(step)) && isGood;
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return isGood;
}

const isSourceGood = await runAll(source);
const isBuiltGood = await runAll(built);
process.exit(isSourceGood && isBuiltGood ? 0 : 1);
