import { DECISIONS } from "./day0-decisions.ts";
import { ERRORS } from "./day0-errors.ts";
import type { Fact } from "./day0-model.ts";
import { SETTINGS_AND_FILES } from "./day0-settings.ts";
import { TIMES_AND_PLACES } from "./day0-times.ts";

/** Everything that is planted, the same in a store of any size. */
export const FACTS: readonly Fact[] = [
  ...DECISIONS,
  ...SETTINGS_AND_FILES,
  ...ERRORS,
  ...TIMES_AND_PLACES,
];
