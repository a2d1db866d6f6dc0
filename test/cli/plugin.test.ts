import { expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { hookCommands, withHooks } from "../../cli/setup/claude-json.ts";
import { commandFiles } from "../../cli/setup/commands.ts";
import { HOOK_EVENTS } from "../../core/hook/model.ts";
import { binary } from "../support/binary.ts";
import { makeWorld } from "../support/harness.ts";

binary();

const PLUGIN = resolve(import.meta.dir, "../../cli/plugin");

async function read(path: string) {
  return Bun.file(join(PLUGIN, path)).json();
}

/** Runs the plugin's hook for an event as the client does: by a shell. */
async function runHook(event: string, path: string) {
  const { hooks } = await read("hooks/hooks.json");
  const world = makeWorld();
  const input = JSON.stringify({ session_id: "c-1", cwd: world.project, hook_event_name: event });
  const child = Bun.spawnSync(["/bin/sh", "-c", hooks[event][0].hooks[0].command], {
    cwd: world.project,
    env: { ...world.env, PATH: path },
    stdin: Buffer.from(input),
  });
  return { exitCode: child.exitCode, stdout: child.stdout.toString() };
}

test("plugin and setup give the same events, server name and slash commands", async () => {
  const { hooks } = await read("hooks/hooks.json");
  const { mcpServers } = await read(".mcp.json");
  const setUp = hookCommands({
    path: "settings.json",
    text: withHooks({ path: "settings.json", text: "{}" }, "/usr/local/bin/sb"),
  });
  const long = commandFiles().flatMap(({ path }) => path.match(/^session-buddy\/(.+)/)?.[1] ?? []);

  expect(Object.keys(hooks)).toEqual([...HOOK_EVENTS]);
  expect([...setUp.keys()]).toEqual([...HOOK_EVENTS]);
  expect(Object.keys(mcpServers)).toEqual(["session-buddy"]);
  expect(readdirSync(join(PLUGIN, "commands")).sort()).toEqual([...long].sort());
});

test("a hook of the plugin runs the sb that is on PATH", async () => {
  const result = await runHook("Stop", `${dirname(binary())}:/usr/bin:/bin`);

  expect(result).toEqual({ exitCode: 0, stdout: "" });
});

test("without sb on PATH a start says so, and the other hooks are silent", async () => {
  const start = await runHook("SessionStart", "/usr/bin:/bin");
  const stop = await runHook("Stop", "/usr/bin:/bin");

  expect(start.exitCode).toBe(0);
  expect(JSON.parse(start.stdout).systemMessage).toContain("sb is not on PATH");
  expect(stop).toEqual({ exitCode: 0, stdout: "" });
});
