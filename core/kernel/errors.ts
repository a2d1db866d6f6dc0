/** Every way a request can fail that its sender can act on. Exit codes: `cli/errors.ts`. */
export type SbErrorCode =
  | "invalid_input"
  | "not_found"
  | "conflict"
  | "forbidden"
  | "unavailable"
  | "corrupt";

/** A failure with a code for programs, one line for people and, where there is one, the next step. */
export class SbError extends Error {
  readonly code: SbErrorCode;
  /** What to do about it, as an instruction in a few words. */
  readonly hint: string | undefined;

  constructor(
    code: SbErrorCode,
    message: string,
    options: { hint?: string; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "SbError";
    this.code = code;
    this.hint = options.hint;
  }
}
