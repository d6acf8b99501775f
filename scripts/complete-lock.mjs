// Adds to package-lock.json the builds for other platforms that npm left out because the registry at hand did not offer
// them. Without them "npm ci" refuses the lock file. Run it after "npm install" where the test of the lock file says so.
import { readFileSync, writeFileSync } from "node:fs";

const file = new URL("../package-lock.json", import.meta.url);
const lock = JSON.parse(readFileSync(file, "utf8"));
const systems = /(android|darwin|freebsd|linux|openharmony|win32)-([a-z0-9]+)(-.*)?$/;

/** What npm would have written for `@scope/prefix-linux-arm64-musl`, but for its checksum. */
function entryOf(name, version, isDev) {
  const [, os, cpu, rest = ""] = systems.exec(name) ?? [];
  if (os === undefined) throw new Error(`${name} does not tell its platform; add it by hand`);
  const libc = rest.includes("musl") ? ["musl"] : rest.includes("gnu") ? ["glibc"] : undefined;
  return {
    version,
    cpu: [cpu],
    ...(isDev && { dev: true }),
    ...(os === "linux" && libc && { libc }),
    optional: true,
    os: [os],
  };
}

let added = 0;
for (const [path, { version, dev, optionalDependencies = {} }] of Object.entries(lock.packages)) {
  if (path.startsWith("packages/") || path === "") continue;
  for (const [name, wanted] of Object.entries(optionalDependencies)) {
    const target = `node_modules/${name}`;
    if (lock.packages[target] || lock.packages[`${path}/${target}`]) continue;
    lock.packages[target] = entryOf(name, /^\d/.test(wanted) ? wanted : version, dev === true);
    added++;
  }
}
const byPath = ([a], [b]) => a.localeCompare(b, "en");
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(byPath));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`${added} builds for other platforms added\n`);
