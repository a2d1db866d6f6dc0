declare const SB_VERSION: string | undefined;

/** This sb's version as package.json states it, written in by the build; `dev` when run from source. */
export const VERSION = typeof SB_VERSION === "string" ? SB_VERSION : "dev";
