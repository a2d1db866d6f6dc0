import type { Scenario } from "../scenario.ts";

export const health: Scenario = {
  name: "health",
  shows: "the client's own health check connects to sb mcp",
  async run(lab, check) {
    const project = lab.project("meadow");

    const { stdout, stderr } = await lab.client(project, ["mcp", "list"]);

    const line = stdout.split("\n").find((text) => text.startsWith("session-buddy:")) ?? stdout;
    check.that("mcp list", line.endsWith("✔ Connected"), {
      expected: "a line for session-buddy that ends in ✔ Connected",
      saw: line + stderr,
    });
  },
};
