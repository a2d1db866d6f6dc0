import type { Entry } from "../capabilities.ts";

const toolchain = () => import("../project/toolchain/capabilities.ts");

/** Projects and what they depend on. */
export const PROJECTS: readonly Entry[] = [
  {
    name: "sync_dependencies",
    command: ["project", "sync"],
    profile: "full",
    summary:
      "Install what the lock files of a project say, in a trusted project or when agreed to.",
    load: async () => (await toolchain()).syncDependencies,
  },
];
