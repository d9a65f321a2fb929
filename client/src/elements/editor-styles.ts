/** The looks of the editor. */
import { css } from "lit";

export const editorStyles = css`
  :host {
    display: grid;
    /* Where there is too little room for all of it, it scrolls as a whole. */
    grid-template-rows: auto minmax(min(14rem, 50dvb), 1fr) auto auto;
    grid-template-columns: minmax(0, 1fr);
    overflow: auto;
    background: var(--ground);
    container: editor / inline-size;
  }

  .bar {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 4px 12px;
    padding: 4px 8px;
    background: var(--surface);
  }

  .bar.top {
    flex-wrap: nowrap;
    align-items: flex-start;
    border-block-end: 1px solid var(--line);
  }

  .bar.bottom {
    border-block-start: 1px solid var(--line);
  }

  .group {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 2px;
  }

  .bar.top .group:last-child {
    flex: none;
  }

  .tool {
    padding-inline: 7px;
    border-color: transparent;
    background: none;
    white-space: nowrap;
  }

  .tool[aria-disabled="true"] {
    border-color: transparent;
    opacity: 0.5;
  }

  .tool[aria-expanded="true"] {
    border-color: var(--accent);
    background: var(--chosen);
  }

  .text {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
  }

  .place,
  .zoom {
    min-inline-size: 3.25em;
    padding-inline: 4px;
    text-align: center;
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
  }

  .place {
    direction: ltr;
    unicode-bidi: isolate;
  }

  .well {
    position: relative;
    min-block-size: 0;
    overflow: hidden;
  }

  .stage {
    display: grid;
    block-size: 100%;
    overflow: auto;
    padding: 20px;
    touch-action: none;
    cursor: grab;
  }

  .stage:active {
    cursor: grabbing;
  }

  .stage.fits,
  .stage.fits:active {
    overflow: hidden;
    cursor: default;
  }

  .stage:focus-visible {
    outline-offset: -3px;
  }

  .sheet {
    position: relative;
    margin: auto;
    /* Paper is white, however dark the page around it. */
    background: #ffffff;
    box-shadow:
      0 0 0 1px var(--line),
      0 2px 12px rgb(0 0 0 / 0.18);
  }

  .sheet.boxed {
    cursor: crosshair;
  }

  .sheet img {
    display: block;
    inline-size: 100%;
    block-size: 100%;
    user-select: none;
    transition: opacity 120ms ease-out 150ms;
  }

  .sheet.old img {
    opacity: 0.35;
  }

  .working {
    position: absolute;
    inset-block-start: 0;
    inset-inline: 0;
    block-size: 3px;
    overflow: hidden;
    opacity: 0;
    animation: appear 0s 200ms forwards;
  }

  .working::before {
    content: "";
    display: block;
    inline-size: 30%;
    block-size: 100%;
    background: var(--accent);
    animation: pass 1.1s ease-in-out infinite alternate;
  }

  @keyframes appear {
    to {
      opacity: 1;
    }
  }

  @keyframes pass {
    to {
      margin-inline-start: 70%;
    }
  }

  .message {
    position: absolute;
    inset: 0;
    display: grid;
    place-content: center;
    justify-items: center;
    gap: 12px;
    padding: 24px;
    text-align: center;
  }

  .message svg {
    inline-size: 48px;
    block-size: 48px;
    stroke-width: 1;
    color: var(--quiet);
  }

  .message.bad {
    background: color-mix(in srgb, var(--ground) 85%, transparent);
  }

  .panel {
    display: flex;
    flex-wrap: wrap;
    align-items: end;
    gap: 8px 16px;
    padding: 12px;
    border-block-start: 1px solid var(--line);
    background: var(--surface);
  }

  .panel .hint {
    flex-basis: 100%;
    font-size: 0.875em;
  }

  .panel .acts {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    margin-inline-start: auto;
  }

  .numbers,
  .tones {
    display: grid;
    flex: 1 1 12rem;
    grid-template-columns: repeat(auto-fill, minmax(5.5rem, 1fr));
    gap: 8px;
  }

  .tones {
    grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr));
    gap: 8px 24px;
  }

  label {
    display: grid;
    gap: 2px;
    min-inline-size: 0;
    font-size: 0.875em;
  }

  input[type="range"] {
    inline-size: 100%;
    min-block-size: 28px;
    margin: 0;
    accent-color: var(--accent);
  }

  /* All tools in one row of 360 px, and the picture is what matters. */
  @container editor (width < 26rem) {
    .bar {
      gap: 4px;
      padding-inline: 4px;
    }

    .group {
      gap: 0;
    }

    .tool {
      min-inline-size: 32px;
      padding-inline: 5px;
    }

    .panel {
      gap: 8px;
      padding: 8px;
    }

    .panel .hint {
      position: absolute;
      clip-path: inset(50%);
    }
  }

  @container editor (width >= 57rem) {
    .text {
      position: static;
      inline-size: auto;
      block-size: auto;
      clip-path: none;
    }

    .group {
      gap: 4px;
    }
  }

  @media (forced-colors: active) {
    .sheet {
      border: 1px solid CanvasText;
    }

    .tool[aria-expanded="true"] {
      border-color: Highlight;
    }

    .tool[aria-disabled="true"] {
      opacity: 1;
      color: GrayText;
    }
  }
`;
