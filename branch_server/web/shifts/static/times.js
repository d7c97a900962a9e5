// Times of day and days of a week, as the plan counts them.
export const STEP_MIN = 15;
export const DAY_MIN = 1440;

/** 485 of `08:05`. */
export const minutesOf = (text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));
/** `08:05` of 485. */
export const clockOf = (minutes) => `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
/** The day so many days after another one. */
export function dayAfter(day, days) {
  const found = new Date(`${day}T12:00:00Z`);
  found.setUTCDate(found.getUTCDate() + days);
  return found.toISOString().slice(0, 10);
}
/** A shift with other times, snapped, and never outside of the day. */
export function moved(shift, by_min) {
  const starts = minutesOf(shift.starts), length = minutesOf(shift.ends) - starts;
  const snapped = Math.max(0, Math.min(DAY_MIN - length, starts + by_min));
  return { ...shift, starts: clockOf(snapped), ends: clockOf(snapped + length) };
}
/** A shift of which one end stands elsewhere; it stays at least one step long. */
export function resized(shift, end, by_min) {
  const starts = minutesOf(shift.starts), ends = minutesOf(shift.ends);
  if (end === "start") return { ...shift, starts: clockOf(Math.max(0, Math.min(ends - STEP_MIN, starts + by_min))) };
  return { ...shift, ends: clockOf(Math.min(DAY_MIN, Math.max(starts + STEP_MIN, ends + by_min))) };
}
export const snapped = (minutes) => Math.round(minutes / STEP_MIN) * STEP_MIN;
/** Whether two are planned alike; what is wrong with them does not count. */
export const isSame = (a, b) => ["staff", "counter", "day", "starts", "ends", "note"].every((name) => a[name] === b[name]);
