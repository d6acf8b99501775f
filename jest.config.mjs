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
  // Long enough that a machine with more to do than this never ends a test that goes on.
  testTimeout: 180_000,
  // Many tests wait for leases and answers: on two processors a third one works meanwhile.
  maxWorkers: 3,
};
