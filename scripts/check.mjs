// Everything that must hold of the source beside its tests: format, lint, types, build, packages.
import { spawnSync } from "node:child_process";

const packages = ["dag-core", "tasks", "local"];
const steps = [
  ["format", "prettier", "--check", "."],
  ["lint", "oxlint", "--type-aware"],
  ["types and build", "tsc", "-b"],
  ["types of tests, DAGs and benchmarks", "tsc", "-p", "tsconfig.check.json"],
  ...packages.flatMap((name) => [
    [`publint ${name}`, "publint", "--strict", `packages/${name}`],
    [`types as packed, ${name}`, "attw", "--pack", `packages/${name}`, "--profile", "esm-only"],
  ]),
];

for (const [title, command, ...args] of steps) {
  const started = performance.now();
  const { status } = spawnSync(command, args, { stdio: "inherit" });
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  process.stdout.write(`${status === 0 ? "ok" : "FAILED"}  ${title}  ${seconds} s\n`);
  if (status !== 0) process.exit(1);
}
