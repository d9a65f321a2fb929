/** How choices side by side and switches look. */
import { css } from "lit";

/** For `fieldset.choice` of labels with radios within, and for `label.switch` of a checkbox. */
export const choiceStyles = css`
  .choice .options {
    display: flex;
    border: 1px solid var(--control-line);
    border-radius: var(--radius);
    background: var(--surface);
  }

  .choice label {
    position: relative;
    flex: 1 1 auto;
    display: grid;
    place-items: center;
    min-block-size: 34px;
    padding: 2px 8px;
    text-align: center;
    line-height: 1.2;
    overflow-wrap: anywhere;
    cursor: pointer;
  }

  .choice label + label {
    border-inline-start: 1px solid var(--line);
  }

  .choice label:first-child {
    border-start-start-radius: calc(var(--radius) - 1px);
    border-end-start-radius: calc(var(--radius) - 1px);
  }

  .choice label:last-child {
    border-start-end-radius: calc(var(--radius) - 1px);
    border-end-end-radius: calc(var(--radius) - 1px);
  }

  .choice label:hover {
    background: var(--wash);
  }

  .choice label:has(:checked) {
    background: var(--chosen);
    box-shadow: inset 0 -2px var(--accent);
    font-weight: 600;
  }

  .choice label:has(:focus-visible) {
    z-index: 1;
    outline: 3px solid var(--accent);
    outline-offset: 2px;
  }

  .choice input {
    position: absolute;
    inset: 0;
    inline-size: 100%;
    block-size: 100%;
    margin: 0;
    opacity: 0;
    cursor: pointer;
  }

  .switch {
    display: flex;
    align-items: center;
    gap: 10px;
    min-block-size: 32px;
    cursor: pointer;
  }

  .switch input {
    --knob: 14px;
    flex: none;
    display: grid;
    align-items: center;
    inline-size: 34px;
    block-size: 20px;
    margin: 0;
    padding-inline: 2px;
    border: 1px solid var(--control-line);
    border-radius: 10px;
    background: var(--surface);
    appearance: none;
    cursor: pointer;
    transition: background-color 120ms ease-out;
  }

  .switch input::before {
    content: "";
    inline-size: var(--knob);
    block-size: var(--knob);
    border-radius: 50%;
    background: var(--control-line);
  }

  .switch input:checked {
    border-color: var(--accent);
    background: var(--accent);
  }

  .switch input:checked::before {
    justify-self: end;
    background: var(--on-accent);
  }

  @media (forced-colors: active) {
    .choice label:has(:checked) {
      background: Highlight;
      color: HighlightText;
      forced-color-adjust: none;
    }

    .switch input::before {
      background: ButtonText;
    }

    .switch input:checked {
      background: Highlight;
      forced-color-adjust: none;
    }

    .switch input:checked::before {
      background: HighlightText;
    }
  }
`;
