import type { Entry } from "../capabilities.ts";
import { statusOf } from "../session/status.ts";

const session = () => import("../session/capabilities.ts");
const status = () => import("../session/status-capabilities.ts");
const server = () => import("../session/server-capabilities.ts");
const permission = () => import("../permission/capabilities.ts");

/** Sessions: begun, saved, ended, looked at; what sb may do, and how it is. */
export const SESSION: readonly Entry[] = [
  {
    name: "start",
    command: ["start"],
    profile: "core",
    summary: "Start a session in a project: recall where it was left and what is known.",
    load: async () => (await session()).start,
  },
  {
    name: "checkpoint",
    command: ["checkpoint"],
    profile: "core",
    summary: "Save the state of the session under a name: transcript, insights, git snapshot.",
    load: async () => (await session()).checkpoint,
  },
  {
    name: "end",
    command: ["end"],
    profile: "core",
    summary: "End the session: capture what was learned and write the hand-off.",
    load: async () => (await session()).end,
  },
  {
    name: "status",
    command: ["status"],
    profile: "core",
    summary: "Show the session, the memory, and whether everything is being recorded.",
    load: async () => (await status()).status,
    look: (ports) => statusOf(ports),
  },
  {
    name: "session_welcome",
    command: ["session", "welcome"],
    profile: "full",
    summary: "Show what the automatic start of this session found.",
    load: async () => (await session()).sessionWelcome,
  },
  {
    name: "list_sessions",
    command: ["session", "list"],
    profile: "full",
    summary: "List sessions and conversations, newest first.",
    load: async () => (await session()).listSessions,
  },
  {
    name: "get_session",
    command: ["session", "show"],
    profile: "full",
    summary: "Show one session's timeline: prompts, checkpoints, files, failed commands, insights.",
    load: async () => (await session()).getSession,
  },
  {
    name: "permissions",
    command: ["permissions"],
    profile: "standard",
    summary: "Show, trust or revoke what sb may do unasked, or suggest the client's allow rules.",
    load: async () => (await permission()).permissions,
  },
  {
    name: "health_check",
    command: ["session", "health"],
    profile: "full",
    summary: "Check the database, the transcripts and the data folder.",
    load: async () => (await server()).healthCheck,
  },
  {
    name: "server_info",
    command: ["info"],
    profile: "full",
    summary: "Show the version, the platform and where everything lies.",
    load: async () => (await server()).serverInfo,
  },
  {
    name: "ping",
    command: ["ping"],
    profile: "full",
    summary: "Answer pong.",
    load: async () => (await server()).ping,
  },
];
