import { z } from "zod";
import { defineCapability } from "../capability.ts";
import * as inputs from "../kernel/inputs.ts";
import { isoTime } from "../kernel/text.ts";
import { itemPage } from "../search/list-page.ts";
import type { Services } from "../services.ts";
import type { Reminder } from "./model.ts";

const Shown = z.object({
  reminder_id: z.string(),
  title: z.string(),
  description: z.string().optional(),
  /** Of the only project it is told in; left out: wherever the person is. */
  project: z.string().optional(),
  /** ISO 8601; of one that comes again its next time. */
  due_at: z.string(),
  /** How it comes again, in the terms of iCalendar; null: it does not. */
  recurrence: z.string().nullable(),
  said: z.string(),
  state: z.enum(["open", "done", "cancelled"]),
});

function shown({ project }: Services, reminder: Reminder): z.infer<typeof Shown> {
  const { id, title, description, projectKey, dueAt, rule, said, state } = reminder;
  return {
    reminder_id: id,
    title,
    ...(description === "" ? {} : { description }),
    ...(projectKey === null ? {} : { project: project.get(projectKey)?.name ?? projectKey }),
    due_at: isoTime(dueAt),
    recurrence: rule,
    said,
    state,
  };
}

export const createNaturalReminder = defineCapability({
  effect: "write",
  positional: ["title", "time_expression"],
  input: z.object({
    title: z.string().trim().min(1).max(300).describe("What to be reminded of"),
    time_expression: z
      .string()
      .trim()
      .min(1)
      .max(500)
      .describe('"in 2 hours", "tomorrow at 2pm", "every weekday at 9"'),
    description: z.string().trim().max(4_000).default("").describe("More about it"),
    project: inputs.project.optional().describe("The only project to tell it in; default: all"),
  }),
  output: Shown,
  run(services, { title, time_expression, description, project }) {
    const named = project === undefined || project === "*" ? {} : { project };
    const asked = { title, description, when: time_expression, ...named };
    return shown(services, services.reminder.create(asked));
  },
});

export const listUserReminders = defineCapability({
  effect: "read",
  input: z.object({
    project: inputs.project.optional(),
    include_done: z.boolean().default(false).describe("Done and cancelled ones too"),
    cursor: inputs.cursor.optional(),
    max_tokens: inputs.maxTokens,
  }),
  output: z.object({
    total: z.number().int(),
    reminders: z.array(Shown),
    /** Reminders that did not fit into `max_tokens`: the last ones. */
    left_out: z.number().int(),
    cursor: z.string().optional(),
    tokens: z.number().int(),
  }),
  run(services, { project, include_done, cursor, max_tokens: maxTokens }, question) {
    const named = project === undefined ? {} : { project };
    const { total, items, left, more } = itemPage(services.search, {
      ...{ limit: Number.POSITIVE_INFINITY, cursor, maxTokens },
      origin: { tool: "list_user_reminders", ...question },
      items: services.reminder.list({ ...named, isWhole: include_done }),
      keyOf: ({ id }) => id,
      show: (reminder) => shown(services, reminder),
    });
    return { total, reminders: items, left_out: left, ...more };
  },
});

export const cancelUserReminder = defineCapability({
  effect: "write",
  positional: ["reminder_id"],
  input: z.object({
    reminder_id: z.string().trim().min(1).max(200).describe("Id of the reminder"),
  }),
  output: z.object({
    reminder_id: z.string(),
    title: z.string(),
    state: z.literal("cancelled"),
    /** What it was before. */
    was: z.enum(["open", "done", "cancelled"]),
  }),
  run({ reminder }, { reminder_id }) {
    const { id, title, state } = reminder.cancel(reminder_id);
    return { reminder_id: id, title, state: "cancelled" as const, was: state };
  },
});
