/** English words that say nothing of the subject: dropped from queries unless nothing else is left. */
export const STOP_WORDS: ReadonlySet<string> = new Set(
  (
    "a about all am an and any are as at be been but by can could did do does for from get had has " +
    "have he her him his how i if in into is it its just me more most much my no not of on or our " +
    "she should so some such than that the their them then there these they this those to us was " +
    "we were what when where which who whom why will with would you your"
  ).split(" "),
);
