export default {
  testEnvironment: "<rootDir>/test/helpers/jest-environment.cjs",
  testSequencer: "<rootDir>/test/helpers/jest-sequencer.cjs",
  extensionsToTreatAsEsm: [".ts"],
  transform: {
    "^.+\\.ts$": [
      "@swc/jest",
      { jsc: { parser: { syntax: "typescript" }, target: "es2024" }, module: { type: "es6" } },
    ],
  },
  testEnvironmentOptions: { customExportConditions: ["source", "node"] },
  testMatch: ["<rootDir>/test/**/*.test.ts"],
  globalSetup: "<rootDir>/test/helpers/global-setup.ts",
  globalTeardown: "<rootDir>/test/helpers/global-teardown.ts",
  testTimeout: 60_000,
  maxWorkers: 2,
};
