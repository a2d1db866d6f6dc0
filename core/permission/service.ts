import { basename, dirname, join } from "node:path";
import { SbError } from "../kernel/errors.ts";
import type { Paths } from "../kernel/paths.ts";
import type { Clock } from "../kernel/ports.ts";
import { redact } from "../kernel/redact.ts";
import { isoTime } from "../kernel/text.ts";
import type { ProjectIdentity } from "../project/detect.ts";
import { readText, writeText } from "../storage/text-file.ts";
import {
  type Grant,
  isTrusted,
  OPERATION_NAMES,
  OPERATIONS,
  type OperationName,
  type TrustList,
} from "./model.ts";
import { readTrustList, type TrustChange, withChanges } from "./trust-file.ts";

/** The trust list, or why it cannot be used. */
export type Trust =
  | { readonly kind: "absent" | "read"; readonly list: TrustList }
  | { readonly kind: "unusable"; readonly problem: string };

const EMPTY: TrustList = { trusted: [], revoked: [] };

export type PermissionService = ReturnType<typeof permissionService>;

/** What may be done unasked, as the user's trust list says. Read anew each time: hands edit it. */
export function permissionService({ paths, clock }: { paths: Paths; clock: Clock }) {
  const path = join(paths.claude, "sessions", "trusted_permissions.json");

  function read(): Trust {
    try {
      const text = readText(path);
      if (text === undefined) return { kind: "absent", list: EMPTY };
      return { kind: "read", list: readTrustList({ path, text }) };
    } catch (error) {
      if (!(error instanceof SbError)) throw error;
      return { kind: "unusable", problem: error.message };
    }
  }

  /** Writes the changes, where they are any. @throws SbError `conflict`, `unavailable`. */
  function change(changes: readonly TrustChange[]): void {
    const text = readText(path);
    const source = { path, text: text ?? "" };
    const after = withChanges(source, changes, clock.now());
    if (after !== text) writeText(path, after);
  }

  /** @throws SbError `invalid_input` for what is no operation, or not one of single projects. */
  function checked(name: string, isEverywhere: boolean): OperationName {
    const operation = OPERATIONS.find((one) => one.name === name);
    if (!operation) {
      throw new SbError("invalid_input", `there is no operation "${name}"`, {
        hint: `one of ${OPERATION_NAMES.join(", ")}`,
      });
    }
    if (isEverywhere || operation.isPerProject) return operation.name;
    throw new SbError("invalid_input", `${name} is for all projects or none`, {
      hint: "add everywhere",
    });
  }

  /** Where a grant counts; undefined is everywhere. */
  const placeFor = (name: string, identity: ProjectIdentity, everywhere: boolean) => {
    const perProject = OPERATIONS.find((one) => one.name === name)?.isPerProject ?? false;
    return everywhere || !perProject ? undefined : projectPlace(identity);
  };

  return {
    path,
    read,

    /** Whether `name` may be done unasked; nothing may while the list cannot be read. */
    isTrusted(name: OperationName, identity?: ProjectIdentity): boolean {
      const trust = read();
      const place = identity && projectPlace(identity);
      return trust.kind !== "unusable" && isTrusted(trust.list, name, place);
    },

    /** Trusts `name` in the project, or everywhere. */
    trust(name: string, identity: ProjectIdentity, everywhere: boolean): void {
      const place = placeFor(name, identity, everywhere);
      const operation = checked(name, place === undefined);
      const isOther = (grant: Grant) => grant.operation !== operation || grant.project !== place;
      const trust = read();
      const isKnown = trust.kind === "read" && trust.list.trusted.some((one) => !isOther(one));
      const add = grantOf(operation, place, isoTime(clock.now()));
      change([
        { list: "revoked", keep: isOther },
        ...(isKnown ? [] : [{ list: "trusted" as const, keep: () => true, add }]),
      ]);
    },

    /** Takes the trust in `name` back: in the project, or everywhere with every project. */
    revoke(name: string, identity: ProjectIdentity, everywhere: boolean): void {
      const place = placeFor(name, identity, everywhere);
      const operation = checked(name, place === undefined);
      const isOther = (grant: Grant) =>
        grant.operation !== operation || (place !== undefined && grant.project !== place);
      const trust = read();
      const rest = trust.kind === "read" ? trust.list : EMPTY;
      const left = { trusted: rest.trusted.filter(isOther), revoked: rest.revoked.filter(isOther) };
      const needsLine = isTrusted(left, operation, place);
      const add = grantOf(operation, place, isoTime(clock.now()));
      const isKnown = rest.revoked.some((grant) => !isOther(grant) && grant.project === place);
      change([
        { list: "trusted", keep: isOther },
        ...(needsLine && !isKnown ? [{ list: "revoked" as const, keep: isOther, add }] : []),
      ]);
    },

    /** Takes all trust back, what is trusted by default too. */
    revokeAll(): void {
      const at = isoTime(clock.now());
      const byDefault = OPERATIONS.filter((operation) => operation.byDefault);
      change([
        { list: "trusted", keep: () => false },
        ...byDefault.map(({ name }) => ({
          list: "revoked" as const,
          keep: (grant: Grant) => grant.operation !== name,
          add: grantOf(name, undefined, at),
        })),
      ]);
    },
  };
}

function grantOf(operation: OperationName, project: string | undefined, at: string): Grant {
  return { operation, ...(project === undefined ? {} : { project }), at };
}

/**
 * The folder that a project is trusted by, redacted as all that is written: of a repository the
 * main one for all its work trees. A remote would not do: any folder can claim one.
 */
export function projectPlace({ commonDir, root, packagePath }: ProjectIdentity): string {
  if (commonDir === undefined) return redact(root).text;
  const repository = basename(commonDir) === ".git" ? dirname(commonDir) : commonDir;
  return redact(packagePath === undefined ? repository : join(repository, packagePath)).text;
}
