import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { compileBinary, HOST } from "../../cli/build.ts";
import { binary } from "../support/binary.ts";
import { writeHistory } from "./history.ts";
import { type Program, run } from "./measure.ts";

export const ROOT = resolve(import.meta.dir, "../..");

/** Documents in the store that start-up and the server are measured over. */
export const STORE_DOCUMENTS = 10_000;

/** Where the benchmarks work: a folder that is removed at the end, `sb`, and what it is compared with. */
export class Place {
  readonly folder = mkdtempSync(join(tmpdir(), "sb-bench-"));
  readonly sb = binary();
  #store: Promise<string> | undefined;

  /** `sb` with `args` over the Claude folder `claude`, in an environment that holds nothing else. */
  program(args: readonly string[], claude: string): Program {
    return { command: [this.sb, ...args], cwd: this.folder, env: this.env(claude) };
  }

  env(claude: string): Record<string, string> {
    const own = { HOME: this.folder, CLAUDE_CONFIG_DIR: claude };
    return { PATH: Bun.env["PATH"] ?? "", ...own, SB_MODEL: "off" };
  }

  /** Compiles `test/bench/<name>.ts`, with its threads, exactly as `sb` is. @returns its path. */
  async compile(name: string, workers: readonly string[] = []): Promise<string> {
    const outfile = join(this.folder, name);
    const entrypoints = [`test/bench/${name}.ts`, ...workers].map((path) => join(ROOT, path));
    await compileBinary({ entrypoints, outfile, machine: HOST, packages: ROOT });
    return outfile;
  }

  /** A Claude folder whose store holds some 10,000 documents; made when first asked for. */
  store(): Promise<string> {
    this.#store ??= this.#makeStore();
    return this.#store;
  }

  async #makeStore(): Promise<string> {
    const folder = join(this.folder, "store");
    mkdirSync(folder, { recursive: true });
    writeHistory({ folder, seed: 1, exchanges: STORE_DOCUMENTS, style: "brief" });
    await run(this.program(["ingest", "--all", "--json"], folder));
    return folder;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
