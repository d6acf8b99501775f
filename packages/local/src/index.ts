export { startStack } from "./stack.ts";
export type { Stack, StackOptions } from "./stack.ts";
export { readStackFile } from "./stack-file.ts";
export type { StackAddresses } from "./stack-file.ts";
export type { KafkaKind, ServiceId } from "./service.ts";
export { LocalStackError } from "./errors.ts";
export type { LocalStackErrorCode } from "./errors.ts";
