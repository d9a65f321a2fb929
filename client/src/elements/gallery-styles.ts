/** The looks of the gallery. */
import { css } from "lit";

/** Sizes that depend on the room are custom properties, which the gallery sets: `--cell...`. */
export const galleryStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    min-block-size: 12rem;
    /* Without a height of its own it ends with the window, and scrolls. */
    block-size: 100%;
    max-block-size: 100dvb;
    background: var(--ground);
  }

  .bar {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 2px 10px;
    padding: 4px 8px;
    border-block-end: 1px solid var(--line);
    background: var(--surface);
  }

  .count {
    flex: 1 0 auto;
    padding-inline: 8px;
    font-variant-numeric: tabular-nums;
  }

  .group {
    display: flex;
    flex-wrap: wrap;
    gap: 2px;
  }

  :is([data-tool="earlier"], [data-tool="later"]):dir(rtl) svg {
    transform: scaleX(-1);
  }

  .scroller {
    position: relative;
    flex: 1;
    min-block-size: 0;
    background: var(--ground);
    overflow-x: hidden;
    overflow-y: auto;
    overscroll-behavior: contain;
    /* It keeps its place by itself. */
    overflow-anchor: none;
    user-select: none;
    -webkit-user-select: none;
    -webkit-touch-callout: none;
  }

  .list {
    position: relative;
  }

  .cell {
    position: absolute;
    display: grid;
    grid-template-rows: minmax(0, 1fr) 32px;
    inline-size: var(--cell);
    block-size: var(--cell-height);
    border: 1px solid transparent;
    border-radius: var(--radius);
    contain: strict;
    cursor: pointer;
    touch-action: pan-y;
  }

  .cell:hover {
    background: var(--wash);
  }

  .cell[aria-selected="true"] {
    border-color: var(--accent);
    background: var(--chosen);
  }

  .cell[aria-current="true"] {
    box-shadow: inset 0 0 0 2px var(--accent);
  }

  .cell:focus-visible {
    outline-offset: 1px;
  }

  .cell.lifted {
    opacity: 0.4;
  }

  .picture {
    display: grid;
    place-items: center;
    min-block-size: 0;
    padding-block-start: 8px;
    padding-inline: 8px;
  }

  .picture img {
    grid-area: 1 / 1;
    max-inline-size: 100%;
    max-block-size: 100%;
    border-radius: 2px;
    background: #fff;
    box-shadow: 0 0 0 1px var(--line);
    pointer-events: none;
  }

  .sheet {
    grid-area: 1 / 1;
    display: grid;
    place-items: center;
    block-size: 100%;
    max-inline-size: 100%;
    aspect-ratio: 1 / 1.414;
    border-radius: 2px;
    background: var(--wash);
    color: var(--quiet);
    font-size: 0.875rem;
    text-align: center;
    overflow-wrap: anywhere;
  }

  .caption {
    display: flex;
    align-items: center;
    justify-content: center;
    gap: 6px;
    min-inline-size: 0;
    padding-inline: 6px;
    font-size: 0.875rem;
    font-variant-numeric: tabular-nums;
  }

  .blank {
    overflow: hidden;
    padding-inline: 6px;
    border: 1px solid currentColor;
    border-radius: 4px;
    color: var(--caution);
    font-size: 0.75rem;
    line-height: 1.4;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  .tick {
    position: absolute;
    inset-block-start: 2px;
    inset-inline-start: 2px;
    display: grid;
    place-items: center;
    inline-size: 36px;
    block-size: 36px;
    visibility: hidden;
  }

  .tick svg {
    inline-size: 22px;
    block-size: 22px;
    padding: 3px;
    border: 1px solid #767676; /* on paper, which is white in the dark, too */
    border-radius: 50%;
    background: rgb(255 255 255 / 0.9);
    color: transparent;
    stroke-width: 2.5;
  }

  .cell:hover .tick,
  .cell[aria-selected="true"] .tick,
  .many .tick {
    visibility: visible;
  }

  .cell[aria-selected="true"] .tick svg {
    border-color: var(--accent);
    background: var(--accent);
    color: var(--on-accent);
  }

  @media (hover: none) {
    .tick {
      visibility: visible;
    }
  }

  .mark {
    position: absolute;
    z-index: 2;
    inline-size: 4px;
    block-size: var(--cell-height);
    margin-inline-start: -2px;
    border-radius: 2px;
    background: var(--accent);
    pointer-events: none;
  }

  .ghost {
    position: fixed;
    inset: 0;
    inline-size: 84px;
    block-size: fit-content;
    margin: 0;
    padding: 0;
    border: 0;
    overflow: visible;
    background: none;
    pointer-events: none;
  }

  .ghost img,
  .ghost .sheet {
    display: block;
    inline-size: 84px;
    block-size: auto;
    border-radius: 3px;
    background: #fff;
    box-shadow:
      0 0 0 1px var(--line),
      0 8px 24px rgb(0 0 0 / 0.3);
    transform: rotate(-2deg);
  }

  .ghost .sheet {
    block-size: 119px;
  }

  .ghost b {
    position: absolute;
    inset-block-start: -10px;
    inset-inline-end: -10px;
    min-inline-size: 24px;
    padding-inline: 7px;
    border-radius: 12px;
    background: var(--accent);
    color: var(--on-accent);
    font-size: 0.875rem;
    line-height: 24px;
    text-align: center;
  }

  .empty {
    display: grid;
    align-content: center;
    justify-items: center;
    gap: 4px;
    min-block-size: 100%;
    padding: 24px;
    text-align: center;
  }

  .empty svg {
    inline-size: 40px;
    block-size: 40px;
    margin-block-end: 8px;
    color: var(--quiet);
    stroke-width: 1.25;
  }

  .scroller.taking {
    outline: 3px dashed var(--accent);
    outline-offset: -6px;
  }

  @media (forced-colors: active) {
    .cell[aria-selected="true"] {
      border-color: Highlight;
    }

    .cell[aria-current="true"] {
      box-shadow: none;
      border: 3px solid Highlight;
    }

    .mark {
      background: Highlight;
    }

    .tick svg {
      forced-color-adjust: none;
    }
  }
`;
