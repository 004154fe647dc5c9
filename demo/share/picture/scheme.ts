/** The page's colours in a colour scheme of choice, whichever one the page is shown in. */

export const schemes = ["light", "dark"] as const;
export type Scheme = (typeof schemes)[number];

/** CSS colours. */
export interface SchemeColors {
  readonly ground: string;
  readonly line: string;
  readonly ink: string;
  readonly inkSoft: string;
  readonly accent: string;
  readonly accentInk: string;
}

export function presentScheme(): Scheme {
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

export function schemeColors(scheme: Scheme): SchemeColors {
  const probe = document.createElement("i");
  probe.style.colorScheme = scheme;
  probe.hidden = true;
  document.body.append(probe);
  const colorOf = (property: string) => {
    probe.style.color = `var(${property})`;
    return getComputedStyle(probe).color;
  };
  const colors = {
    ground: colorOf("--surface"),
    line: colorOf("--line"),
    ink: colorOf("--ink"),
    inkSoft: colorOf("--ink-soft"),
    accent: colorOf("--accent"),
    accentInk: colorOf("--accent-ink"),
  };
  probe.remove();
  return colors;
}
