import type { Check } from "./check.ts";
import type { Lab } from "./lab.ts";

/** One thing a user does with the real client, in a lab of its own. */
export interface Scenario {
  readonly name: string;
  /** What it shows, as the end of the sentence "it shows that …". */
  readonly shows: string;
  /** The client's output style, where it is not the default one. */
  readonly outputStyle?: string;
  /** Projects have no `.mcp.json`: what registers `sb` is the scenario's own doing. */
  readonly withoutServer?: boolean;
  run(lab: Lab, check: Check): Promise<void>;
}
