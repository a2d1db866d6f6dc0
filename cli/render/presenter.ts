import type { Capability } from "../../core/capability.ts";
import type { Style } from "./style.ts";

/** The terminal a text is written for. */
export interface View extends Style {
  /** Width in characters. */
  readonly width: number;
}

/** A capability's answer as text for a person. Ends with a newline. */
export type Presenter = (output: unknown, view: View) => string;

/** What the capability `C` answers with. */
export type OutputOf<C> = C extends Capability<infer O> ? O : never;

/** The text of the capability `C`, checked against the type that it answers with. */
export function present<C>(text: (output: OutputOf<C>, view: View) => string): Presenter {
  // What is rendered comes from the capability's own `call`, which has validated it.
  return (output, view) => text(output as OutputOf<C>, view);
}
