/** Numbers and moments in the person's language. */

const UNITS = ["kilobyte", "megabyte", "gigabyte", "terabyte"] as const;
const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** Writes them. */
export class Format {
  /** @param tag - Of the language. */
  constructor(private readonly tag: string) {}

  /** A size from kilobytes on with at most one decimal, in steps of 1000 as disks are sold. */
  bytes(bytes: number): string {
    let [size, step] = [bytes / 1000, 0];
    while (size >= 999.5 && step < UNITS.length - 1) [size, step] = [size / 1000, step + 1];
    const unit = UNITS[step] ?? "kilobyte";
    const digits = size < 10 && step > 0 ? 1 : 0;
    const style = { style: "unit", unit, maximumFractionDigits: digits } as const;
    return new Intl.NumberFormat(this.tag, style).format(size);
  }

  /** A number, with that many decimals. */
  number(value: number, digits = 0): string {
    return new Intl.NumberFormat(this.tag, { maximumFractionDigits: digits }).format(value);
  }

  /** A share of 0 to 1. */
  percent(share: number): string {
    return new Intl.NumberFormat(this.tag, { style: "percent" }).format(share);
  }

  /** Day and time of an ISO moment. */
  moment(iso: string): string {
    const style = { dateStyle: "medium", timeStyle: "short" } as const;
    return new Intl.DateTimeFormat(this.tag, style).format(new Date(iso));
  }

  /** How long ago an ISO moment was, from `now` in milliseconds of the epoch. */
  ago(iso: string, now: number): string {
    const seconds = Math.max(0, (now - Date.parse(iso)) / 1000);
    const words = new Intl.RelativeTimeFormat(this.tag, { numeric: "auto" });
    for (const [unit, size] of STEPS) {
      if (seconds >= size) return words.format(-Math.floor(seconds / size), unit);
    }
    return words.format(0, "second");
  }
}

// Marks that turn the direction of what follows them, or begin and end a piece of their own.
const TURNING = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Somebody else's words, so that they can be put into a sentence without turning it around. */
export function isolate(text: string): string {
  return `\u2068${text.replace(TURNING, "")}\u2069`;
}
