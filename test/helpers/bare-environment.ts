const kept = ["PATH", "HOME", "JAVA_HOME", "NODE_COMPILE_CACHE"];

/** What a program of a test is given of the environment around it: no setting of Tidemill. */
export function bareEnvironment(): Readonly<Record<string, string>> {
  const entries = kept.map((name) => [name, process.env[name]] as const);
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => !!entry[1]));
}
