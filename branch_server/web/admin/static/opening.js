// Opening hours in words: open until when, closed until when, and why. Hours as the setup has them: {week: {mon: ["08:00-12:30"]}}.

import { language, t, tn } from "/static/base/base.js";

export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const LONGEST_LOOK_DAYS = 400;

const format = (options) => new Intl.DateTimeFormat(`${language}-u-nu-latn`, { timeZone: "UTC", ...options });
/** The name of a weekday, such as Monday. */
export const dayName = (day, style = "long") => format({ weekday: style }).format(new Date(Date.UTC(2024, 0, 1 + DAYS.indexOf(day))));
/** A day such as 2026-12-25 in words. */
export const dateName = (iso) => format({ weekday: "long", day: "numeric", month: "long" }).format(new Date(`${iso}T00:00:00Z`));
const minutes = (time) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));

/** The branch's date, weekday and minute of the day at an instant. */
export function localTime(zone, instant) {
  const parts = new Intl.DateTimeFormat("en-GB-u-nu-latn", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" })
    .formatToParts(new Date(instant)).reduce((all, { type, value }) => ({ ...all, [type]: value }), {});
  const date = `${parts.year}-${parts.month}-${parts.day}`;
  return { date, minute: Number(parts.hour) * 60 + Number(parts.minute) };
}

const later = (iso, days) => new Date(Date.parse(`${iso}T00:00:00Z`) + days * 86400000).toISOString().slice(0, 10);
const weekday = (iso) => DAYS[(new Date(`${iso}T00:00:00Z`).getUTCDay() + 6) % 7];
const closureOn = (closures, iso) => (closures ?? []).find(({ day, until }) => day <= iso && iso <= (until || day));
const spansOn = (hours, closures, iso) => (closureOn(closures, iso) ? [] : hours.week?.[weekday(iso)] ?? []);

function nextOpening(hours, closures, from, minute) {
  for (let n = 0; n < LONGEST_LOOK_DAYS; n++) {
    const iso = later(from, n);
    const span = spansOn(hours, closures, iso).find((one) => n > 0 || minutes(one) > minute);
    if (span) return { iso, n, time: span.slice(0, 5) };
  }
  return null;
}

function opens({ iso, n, time }) {
  if (n === 0) return t("Opens at {time}.", { time });
  if (n === 1) return t("Opens tomorrow at {time}.", { time });
  return n < 7 ? t("Opens on {day} at {time}.", { day: dayName(weekday(iso)), time }) : t("Opens on {day} at {time}.", { day: dateName(iso), time });
}

/** `{open, text}`: how it is at `instant` by these hours; `open` is null where there are no hours at all. */
export function opening(hours, closures, zone, instant, nameOf = () => "") {
  if (!hours) return { open: null, text: t("No hours are set: services open and close by hand.") };
  const { date, minute } = localTime(zone, instant);
  const span = spansOn(hours, closures, date).find((one) => minutes(one) <= minute && minute < minutes(one.slice(6)));
  if (span) return { open: true, text: t("Open today until {time}.", { time: span.slice(6) }) };
  const closure = closureOn(closures, date);
  const next = nextOpening(hours, closures, date, minute);
  const why = closure ? t("Closed today: {why}.", { why: nameOf(closure.name) || t("closure") }) : t("Closed now.");
  const then = next ? opens(next) : t("No day of the week has hours.");
  return { open: false, text: `${why} ${then}` };
}

/** The business day of an instant: its date after the start of the day is taken off. */
export function businessDay(start, zone, instant) {
  const { date, minute } = localTime(zone, instant);
  return minute < minutes(start) ? later(date, -1) : date;
}

/** When numbers start again, in words. */
export function rollOver(start, zone, instant) {
  const left = (minutes(start) - localTime(zone, instant).minute + 1440) % 1440 || 1440;
  const [h, m] = [Math.floor(left / 60), left % 60];
  const when = h ? tn("next in {count} hour", "next in {count} hours", h) : tn("next in {count} minute", "next in {count} minutes", m);
  return t("Numbers start again at {time}, {when}.", { time: start, when });
}
