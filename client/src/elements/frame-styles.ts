/** The looks of the frame around a part of a page. */
import { css } from "lit";

/** The frame lies on paper, which is white also in the dark; sides are those of the picture. */
export const frameStyles = css`
  .shade {
    position: absolute;
    inset: 0;
    overflow: hidden;
    pointer-events: none;
  }

  .shade > * {
    position: absolute;
  }

  .shade > .crop {
    box-shadow: 0 0 0 200vmax rgb(20 26 24 / 0.5);
  }

  .shade > .erase {
    background: rgb(255 255 255 / 0.85);
  }

  .frame {
    --frame: #2a5a4c;
    position: absolute;
    outline: 2px solid var(--frame);
    outline-offset: -1px;
    box-shadow: 0 0 0 2px rgb(255 255 255 / 0.9);
  }

  .frame.erase {
    outline-style: dashed;
  }

  .frame button {
    position: absolute;
    min-inline-size: 0;
    min-block-size: 0;
    padding: 0;
    border: 0;
    background: none;
    touch-action: none;
  }

  .frame button:hover {
    background: none !important;
  }

  .frame button:focus-visible {
    outline-color: var(--frame);
  }

  .grip {
    inset: 0;
    border-radius: 0;
    cursor: move;
  }

  .frame .handle {
    --at: -14px;
    inline-size: 28px;
    block-size: 28px;
    border-radius: 50%;
  }

  .handle::before {
    content: "";
    inline-size: 12px;
    block-size: 12px;
    border: 2px solid #ffffff;
    border-radius: 50%;
    background: var(--frame);
    box-shadow: 0 0 0 1px rgb(0 0 0 / 0.35);
    forced-color-adjust: none;
  }

  .n,
  .nw,
  .ne {
    inset-block-start: var(--at);
  }

  .s,
  .sw,
  .se {
    inset-block-end: var(--at);
  }

  .w,
  .nw,
  .sw {
    inset-inline-start: var(--at);
  }

  .e,
  .ne,
  .se {
    inset-inline-end: var(--at);
  }

  .n,
  .s {
    inset-inline-start: calc(50% - 14px);
    cursor: ns-resize;
  }

  .e,
  .w {
    inset-block-start: calc(50% - 14px);
    cursor: ew-resize;
  }

  .nw,
  .se {
    cursor: nwse-resize;
  }

  .ne,
  .sw {
    cursor: nesw-resize;
  }
`;
