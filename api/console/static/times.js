// Times as a dispatcher says them. Everything is told in Shanghai's time, wherever the browser stands.

const OFFSET = 8 * 3600e3; // Shanghai has kept +08:00 without summer time since 1991
const DAY = 86400e3;
const WEEKDAYS = "日一二三四五六";

const pad = (number) => String(number).padStart(2, "0");

function parts(moment) {
  const shifted = new Date(moment.getTime() + OFFSET);
  return {
    year: shifted.getUTCFullYear(), month: shifted.getUTCMonth() + 1, day: shifted.getUTCDate(),
    weekday: WEEKDAYS[shifted.getUTCDay()], clock: `${pad(shifted.getUTCHours())}:${pad(shifted.getUTCMinutes())}`,
    number: Math.floor(shifted.getTime() / DAY),
  };
}

/** "2026-03-02T09:00": what a datetime-local field holds, in Shanghai's time. */
export function toField(moment) {
  const { year, month, day, clock } = parts(moment);
  return `${String(year).padStart(4, "0")}-${pad(month)}-${pad(day)}T${clock}`;
}

/** The moment that a datetime-local field names, or null. */
export function fromField(value) {
  const moment = new Date(`${value}+08:00`);
  return value && !Number.isNaN(moment.getTime()) ? moment : null;
}

/** "今天17:00前", "3月9日 周一 17:00前": a due time as seen from `from`. */
export function dueWords(due, from) {
  const [end, start] = [parts(due), parts(from)];
  const near = { "-1": "昨天", 0: "今天", 1: "明天", 2: "后天" }[end.number - start.number];
  if (near) return `${near}${end.clock}前`;
  const year = end.year === start.year ? "" : `${end.year}年`;
  return `${year}${end.month}月${end.day}日 周${end.weekday} ${end.clock}前`;
}

/** "3月9日 周一": a day without its year. */
function dayWords(moment) {
  const { month, day, weekday } = parts(moment);
  return `${month}月${day}日 周${weekday}`;
}

/** "2026年3月9日 周一 17:00": a moment that is still right when read next week. */
export function fullWords(moment) {
  const { year, clock } = parts(moment);
  return `${year}年${dayWords(moment)} ${clock}`;
}

/** "还有 3小时20分", "已过 2天": the time between two moments. */
export function countdownWords(due, now) {
  const exact = (due - now) / 60e3;
  const minutes = exact > 0 ? Math.ceil(exact) : Math.floor(-exact);
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60];
  let span;
  if (days > 0) span = hours > 0 ? `${days}天${hours}小时` : `${days}天`;
  else if (hours > 0) span = rest > 0 ? `${hours}小时${rest}分` : `${hours}小时`;
  else span = minutes > 0 ? `${minutes}分钟` : "不到1分钟";
  return due >= now ? `还有 ${span}` : `已过 ${span}`;
}
