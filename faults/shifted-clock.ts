/**
 * Imported before anything else by a process whose clock is wrong: it says how far by `FAULT_CLOCK`, in
 * milliseconds. A clock of `jumps` is right, an hour ahead and an hour behind by turns of a second.
 */
const hourMs = 3_600_000;
const setting = process.env["FAULT_CLOCK"] ?? "0";
const Right = Date;

function wrongBy(): number {
  if (setting !== "jumps") return Number(setting);
  return ((Math.floor(performance.now() / 1_000) % 3) - 1) * hourMs;
}

globalThis.Date = new Proxy(Right, {
  construct: (target, given: unknown[], self) =>
    Reflect.construct(target, given.length === 0 ? [Right.now() + wrongBy()] : given, self) as Date,
  apply: () => new Right(Right.now() + wrongBy()).toString(),
  get: (target, name) =>
    name === "now" ? () => Right.now() + wrongBy() : (Reflect.get(target, name) as unknown),
});
