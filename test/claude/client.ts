import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The release of Claude Code that the rig drives; its transcript format is what `sb` reads. */
const CLIENT_VERSION = "2.1.330";

/** The native build is published for these, as `@anthropic-ai/claude-code-<platform>-<arch>`. */
const PLATFORMS = ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64"];

/**
 * The path of the real client, fetched with npm on the first call (about 380 MB unpacked) and kept
 * in `SB_CLAUDE_CACHE`, else in `sb-claude-client` in the system's temporary folder.
 *
 * @throws Error when this platform has no build, npm is missing, or the fetch fails.
 */
export function claudeClient(): string {
  const platform = `${process.platform}-${process.arch}`;
  if (!PLATFORMS.includes(platform)) throw new Error(`no Claude Code build for ${platform}`);
  const cache = process.env["SB_CLAUDE_CACHE"] ?? join(tmpdir(), "sb-claude-client");
  const home = join(cache, CLIENT_VERSION);
  const name = `@anthropic-ai/claude-code-${platform}`;
  const path = join(home, "node_modules", name, "claude");
  if (!existsSync(path)) fetchPackage(`${name}@${CLIENT_VERSION}`, home);
  if (!existsSync(path)) throw new Error(`${name}@${CLIENT_VERSION} holds no claude: ${path}`);
  return path;
}

/** Installs into a folder of its own, renamed when complete: an interrupted fetch leaves nothing. */
function fetchPackage(specifier: string, home: string): void {
  const npm = Bun.which("npm");
  if (!npm) throw new Error("npm is needed to fetch the Claude Code client");
  const partial = `${home}.partial-${process.pid}`;
  const startedAt = performance.now();
  process.stderr.write(`fetching ${specifier} (about 380 MB) into ${home}\n`);
  mkdirSync(partial, { recursive: true });
  try {
    const { exitCode } = Bun.spawnSync(
      [npm, "install", "--prefix", partial, "--no-audit", "--no-fund", "--no-save", specifier],
      { cwd: partial, stdin: "ignore", stdout: process.stderr.fd, stderr: "inherit" },
    );
    if (exitCode !== 0) throw new Error(`npm could not install ${specifier} (exit ${exitCode})`);
    rmSync(home, { recursive: true, force: true });
    renameSync(partial, home);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  process.stderr.write(`fetched in ${seconds} s\n`);
}
