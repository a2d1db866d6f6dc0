import type {
  cancelUserReminder,
  createNaturalReminder,
  listUserReminders,
} from "../../core/reminder/capabilities.ts";
import { localTime, moreBy, oneLine, plural, table } from "./layout.ts";
import { type OutputOf, type Presenter, present } from "./presenter.ts";

type Shown = OutputOf<typeof createNaturalReminder>;

/** The texts of reminders, by tool. */
export const reminderPresenters: Readonly<Record<string, Presenter>> = {
  create_natural_reminder: present<typeof createNaturalReminder>(
    (reminder, view) =>
      `${view.bold(localTime(reminder.due_at))}  ${oneLine(reminder.title)}${again(reminder)}\n${view.dim(reminder.reminder_id)}\n`,
  ),
  list_user_reminders: present<typeof listUserReminders>(
    ({ reminders, left_out, cursor }, view) => {
      if (reminders.length === 0) return "No reminders.\n";
      const rows = reminders.map((reminder) => [
        localTime(reminder.due_at),
        reminder.state,
        reminder.project ?? "",
        reminder.reminder_id,
        `${oneLine(reminder.title)}${again(reminder)}`,
      ]);
      const more =
        left_out > 0
          ? view.dim(
              `${plural(left_out, "more reminder")}${moreBy("reminder list --cursor", cursor)}\n`,
            )
          : "";
      return `${table(rows, view)}${more}`;
    },
  ),
  cancel_user_reminder: present<typeof cancelUserReminder>(({ title, was }) =>
    was === "open"
      ? `Cancelled: ${oneLine(title)}\n`
      : `It was ${was} already: ${oneLine(title)}\n`,
  ),
};

function again({ recurrence, said }: Shown): string {
  return recurrence === null ? "" : ` (${oneLine(said)})`;
}
