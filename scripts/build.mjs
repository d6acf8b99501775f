// Builds the packages, and removes from dist what no source stands for any more, so that it is not packed.
import { spawnSync } from "node:child_process";
import { existsSync, globSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const compiler = fileURLToPath(import.meta.resolve("typescript/package.json")).replace(
  /package\.json$/,
  "bin/tsc",
);

for (const file of globSync("packages/*/dist/**/*.{js,d.ts,js.map}", { cwd: root })) {
  const source = file.replace("/dist/", "/src/").replace(/\.(d\.ts|js|js\.map)$/, ".ts");
  if (!existsSync(root + source)) rmSync(root + file);
}
const { status } = spawnSync(process.execPath, [compiler, "-b"], { cwd: root, stdio: "inherit" });
process.exit(status ?? 1);
