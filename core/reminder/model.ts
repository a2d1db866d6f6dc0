/** What a person wants to be reminded of. Times are epoch ms. */
export interface Reminder {
  readonly id: string;
  /** Told in this project alone; null: wherever the person is. */
  readonly projectKey: string | null;
  readonly title: string;
  readonly description: string;
  /** The time as it was said. */
  readonly said: string;
  /** The first time that it is due. */
  readonly anchor: number;
  /** How it comes again: a text of `formatRule`; null where it does not. */
  readonly rule: string | null;
  /** When it is due, or was. */
  readonly dueAt: number;
  readonly state: "open" | "done" | "cancelled";
  readonly createdAt: number;
}

/** A reminder that is due, or was told in this very conversation. */
export interface DueReminder extends Reminder {
  /** The time that is meant: of one that comes again, the latest. */
  readonly since: number;
}

/** What a receipt names one time of a reminder by. */
export function reminderRef({ id, since }: Pick<DueReminder, "id" | "since">): string {
  return `reminder:${id}@${since}`;
}

/** The two parts of a reference; undefined for one of anything else. */
export function reminderOf(ref: string): { id: string; since: number } | undefined {
  const [, id, since] = /^reminder:(.+)@(\d+)$/.exec(ref) ?? [];
  return id === undefined ? undefined : { id, since: Number(since) };
}
