/** The looks of the camera. */
import { css } from "lit";

export const cameraStyles = css`
  dialog {
    inline-size: min(46rem, 100vw - 16px);
  }

  .open {
    inline-size: 100%;
  }

  figure {
    position: relative;
    display: grid;
    place-items: center;
    min-block-size: 12rem;
    overflow: hidden;
    border-radius: var(--radius);
    background: #101312;
    color: #e9ecea;
  }

  figure > p {
    grid-area: 1 / 1;
    padding: 24px;
    text-align: center;
  }

  video,
  img {
    grid-area: 1 / 1;
    display: block;
    max-inline-size: 100%;
    max-block-size: min(28rem, 100dvh - 16rem);
  }

  label {
    display: grid;
    gap: 2px;
    font-size: 0.875em;
  }

  .body {
    gap: 8px;
  }

  .news {
    /* Nothing moves as it comes. */
    min-block-size: 1.5em;
    color: var(--quiet);
  }
`;
