/** Colours, type and controls of all elements; a page changes them by custom properties. */
import { css } from "lit";

/**
 * Custom properties: `--flatbed-accent`, `--flatbed-on-accent`, `--flatbed-surface`,
 * `--flatbed-ground`, `--flatbed-ink`, `--flatbed-quiet`, `--flatbed-line`, `--flatbed-control-line`,
 * `--flatbed-good`, `--flatbed-bad`, `--flatbed-caution`, `--flatbed-radius`, `--flatbed-font`.
 * Light or dark follows the page's own `color-scheme`.
 */
export const baseStyles = css`
  :host {
    --accent: var(--flatbed-accent, light-dark(#2a5a4c, #8fcbb6));
    --on-accent: var(--flatbed-on-accent, light-dark(#ffffff, #10231d));
    --surface: var(--flatbed-surface, light-dark(#ffffff, #1d2120));
    --ground: var(--flatbed-ground, light-dark(#f6f6f3, #151817));
    --wash: color-mix(in srgb, var(--ink) 7%, var(--surface));
    --ink: var(--flatbed-ink, light-dark(#1d211f, #e9ecea));
    --quiet: var(--flatbed-quiet, light-dark(#59605c, #a7afab));
    --line: var(--flatbed-line, light-dark(#dcdcd6, #323836));
    --control-line: var(--flatbed-control-line, light-dark(#868d89, #7b8480));
    --good: var(--flatbed-good, light-dark(#1f6b4c, #86cfae));
    --bad: var(--flatbed-bad, light-dark(#a32a20, #f3a49b));
    --caution: var(--flatbed-caution, light-dark(#7a4b00, #ecc27a));
    --radius: var(--flatbed-radius, 8px);
    --chosen: color-mix(in srgb, var(--accent) 16%, var(--surface));
    display: block;
    color: var(--ink);
    font: var(--flatbed-font, inherit);
  }

  :host([hidden]),
  [hidden] {
    display: none !important;
  }

  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }

  p,
  h2,
  h3,
  ul,
  dl,
  dd,
  figure,
  fieldset {
    margin: 0;
    padding: 0;
    border: 0;
  }

  button,
  select,
  input,
  textarea {
    font: inherit;
    color: inherit;
  }

  button,
  .button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 8px;
    min-block-size: 36px;
    min-inline-size: 36px;
    padding: 4px 14px;
    border: 1px solid var(--control-line);
    border-radius: var(--radius);
    background: var(--surface);
    color: var(--ink);
    text-decoration: none;
    cursor: pointer;
  }

  button:hover:not(:disabled, [aria-disabled="true"]) {
    background: var(--wash);
  }

  button:disabled,
  button[aria-disabled="true"] {
    color: var(--quiet);
    border-color: var(--line);
    cursor: default;
  }

  button.main {
    border-color: var(--accent);
    background: var(--accent);
    color: var(--on-accent);
    font-weight: 600;
  }

  button.main:hover:not(:disabled, [aria-disabled="true"]) {
    background: color-mix(in srgb, var(--accent) 88%, var(--ink));
  }

  button.main:disabled,
  button.main[aria-disabled="true"] {
    border-color: var(--line);
    background: var(--wash);
    color: var(--quiet);
  }

  button.icon {
    inline-size: 36px;
    padding: 0;
    border-color: transparent;
    background: none;
  }

  button.icon[aria-pressed="true"] {
    border-color: var(--accent);
    background: var(--chosen);
  }

  svg {
    flex: none;
    inline-size: 20px;
    block-size: 20px;
    fill: none;
    stroke: currentColor;
    stroke-width: 1.75;
    stroke-linecap: round;
    stroke-linejoin: round;
  }

  select,
  input:not([type="checkbox"], [type="radio"], [type="range"]),
  textarea {
    inline-size: 100%;
    min-block-size: 36px;
    padding: 4px 10px;
    border: 1px solid var(--control-line);
    border-radius: var(--radius);
    background: var(--surface);
  }

  input[type="checkbox"],
  input[type="radio"] {
    inline-size: 20px;
    block-size: 20px;
    margin: 2px;
    accent-color: var(--accent);
  }

  :focus-visible {
    outline: 3px solid var(--accent);
    outline-offset: 2px;
  }

  .quiet {
    color: var(--quiet);
  }

  .row {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px;
  }

  .stack {
    display: grid;
    gap: 12px;
  }

  .unseen {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }

  @media (prefers-reduced-motion: reduce) {
    *,
    *::before,
    *::after {
      transition: none !important;
      animation: none !important;
    }
  }

  @media (forced-colors: active) {
    button.main {
      border-width: 2px;
    }
  }
`;
