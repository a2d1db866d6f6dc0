import { describe, expect, test } from "bun:test";
import { allCommands } from "../../cli/tree.ts";
import { makeWorld, runCli } from "../support/harness.ts";

describe("sb completion", () => {
  /** What bash offers after `words`, the last of which is being typed. */
  async function offered(...words: string[]): Promise<string[]> {
    const { stdout: script } = await runCli("completion bash", makeWorld());
    const line = words.map((word) => `'${word}'`).join(" ");
    const program = `${script}
COMP_WORDS=(sb ${line}); COMP_CWORD=${words.length}; _sb; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout } = Bun.spawnSync(["bash", "-c", program], { env: { PATH: Bun.env["PATH"] } });
    return stdout.toString().split("\n").filter(Boolean);
  }

  test.each([
    [["stat"], ["status"]],
    [
      ["insight", "s"],
      ["search", "stats", "store"],
    ],
    [["search", "x", "--sc"], ["--scope"]],
    [
      ["search", "x", "--scope", ""],
      ["project", "related", "all"],
    ],
    [["-C", "/tmp", "insight", "ra"], ["rate"]],
    [["completion", "z"], ["zsh"]],
  ])("bash: %j", async (words, candidates) => {
    expect(await offered(...words)).toEqual(candidates);
  });

  test("the script of bash is one that bash reads", async () => {
    const { stdout } = await runCli("completion bash", makeWorld());
    const { exitCode } = Bun.spawnSync(["bash", "-n"], {
      stdin: Buffer.from(stdout),
      env: { PATH: Bun.env["PATH"] },
    });

    expect(exitCode).toBe(0);
  });

  test.each(["bash", "zsh", "fish"])("%s knows every command", async (shell) => {
    const { stdout } = await runCli(`completion ${shell}`, makeWorld());
    const places = allCommands().map(({ words }) => words.join(" "));

    expect(places.filter((place) => !stdout.includes(` ${place}'`))).toEqual([]);
  });
});
