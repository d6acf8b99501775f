export { type Config, loadConfig, type LoadConfigOptions } from "../kernel/config.ts";
export { EventBus, type EngineEvent, type EventName } from "../kernel/events.ts";
export { createEngine, type Engine, type EngineOptions } from "./engine.ts";
