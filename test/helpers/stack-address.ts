/** Environment variable with the address at which test files ask for the shared services. */
export const ADDRESS_VARIABLE = "TIDEMILL_TEST_STACK";
