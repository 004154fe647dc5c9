const months = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
const days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

const padded = (value: number, length = 2) => String(value).padStart(length, "0");

function dayOfYear(date: Date): number {
  const day = new Date(date.getFullYear(), date.getMonth(), date.getDate());
  const first = new Date(date.getFullYear(), 0, 1);
  return Math.round((day.getTime() - first.getTime()) / 86_400_000) + 1;
}

/** The output of each directive. */
const directives: Readonly<Record<string, (date: Date) => string>> = {
  Y: (date) => String(date.getFullYear()),
  y: (date) => padded(date.getFullYear() % 100),
  m: (date) => padded(date.getMonth() + 1),
  d: (date) => padded(date.getDate()),
  e: (date) => String(date.getDate()).padStart(2, " "),
  j: (date) => padded(dayOfYear(date), 3),
  B: (date) => months[date.getMonth()]!,
  b: (date) => months[date.getMonth()]!.slice(0, 3),
  A: (date) => days[date.getDay()]!,
  a: (date) => days[date.getDay()]!.slice(0, 3),
  H: (date) => padded(date.getHours()),
  I: (date) => padded(date.getHours() % 12 || 12),
  M: (date) => padded(date.getMinutes()),
  S: (date) => padded(date.getSeconds()),
  p: (date) => (date.getHours() < 12 ? "AM" : "PM"),
  F: (date) => strftime(date, "%Y-%m-%d"),
  T: (date) => strftime(date, "%H:%M:%S"),
  "%": () => "%",
};

/**
 * Python's `strftime` in its default locale, which has English names, in local time.
 * @throws Error for an unknown directive
 */
export function strftime(date: Date, format: string): string {
  return format.replace(/%(-?)(.)/gsu, (whole, plain: string, name: string) => {
    const write = directives[name];
    if (write === undefined) throw new Error(`strftime_now does not know '${whole}'`);
    // `%-d` is the number without leading zeros.
    return plain === "" ? write(date) : write(date).replace(/^[0 ]+(?=.)/, "");
  });
}
