/** `<flatbed-camera>`: pages from a camera that the browser has. */
import { type CSSResultGroup, html, nothing, type PropertyDeclarations } from "lit";
import { live } from "lit/directives/live.js";

import {
  CameraError,
  cameraOf,
  closeCamera,
  listCameras,
  openCamera,
  takePicture,
} from "./camera-stream.js";
import { cameraStyles } from "./camera-styles.js";
import { dialogStyles } from "./dialog-styles.js";
import { FlatbedElement } from "./element.js";
import { icon } from "./icons.js";

/** Of an upright sheet: a picture is taken so that one fills it. */
const SHEET_INCHES = 297 / 25.4;

interface Taken {
  readonly blob: Blob;
  readonly url: string;
  readonly dpi: number;
}

/**
 * A button that opens a dialog: choose a camera, take a picture, take it again, or use it, which
 * adds it to the end of the document. The camera is on while the dialog is open.
 *
 * Attribute: `dpi` of the pages; without it a page is taken for a sheet of A4 that fills it.
 * Parts: `open`, `dialog`, `video`, `picture`, `take`, `again`.
 * Events: `flatbed-camera-used` with the JPEG as `{ blob }` once it is in the document.
 */
export class CameraElement extends FlatbedElement {
  static override properties: PropertyDeclarations = {
    dpi: { type: Number },
  };

  static override styles: CSSResultGroup = [FlatbedElement.styles, dialogStyles, cameraStyles];

  declare dpi: number | undefined;
  #isOpen = false;
  #isWorking = false;
  #stream: MediaStream | undefined;
  #video: HTMLVideoElement | undefined;
  #cameras: readonly MediaDeviceInfo[] = [];
  #taken: Taken | undefined;
  #fault: unknown;
  #added = 0;
  /** Which start of a camera counts. */
  #start = 0;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#release();
  }

  protected override render() {
    const { camera } = this.words;
    return html`
      <button class="open" part="open" type="button" @click=${this.#open}>
        ${icon("camera")}${camera.open}
      </button>
      <dialog part="dialog" aria-labelledby="title" @close=${this.#release}>
        ${this.#isOpen ? this.#renderInside() : nothing}
      </dialog>
    `;
  }

  protected override updated(): void {
    this.#video = this.shadowRoot?.querySelector("video") ?? undefined;
    const stream = this.#stream ?? null;
    if (this.#video !== undefined && this.#video.srcObject !== stream) {
      this.#video.srcObject = stream;
    }
  }

  #renderInside() {
    const { camera, close } = this.words;
    return html`
      <div class="frame">
        <div class="head">
          <h2 id="title">${camera.title}</h2>
          <button
            class="icon"
            type="button"
            title=${close}
            aria-label=${close}
            @click=${this.#close}
          >
            ${icon("close")}
          </button>
        </div>
        <div class="body">
          ${this.#renderFault()} ${this.#renderChoice()}
          <figure ?hidden=${this.#isFaulty}>${this.#renderView()}</figure>
          <p class="news" role="status">${this.#news}</p>
        </div>
        <div class="foot">
          <button type="button" @click=${this.#close}>${camera.done}</button>
          ${this.#renderActs()}
        </div>
      </div>
    `;
  }

  #renderView() {
    const { camera } = this.words;
    const isLive = this.#stream !== undefined;
    return html`
      <p ?hidden=${isLive}>${camera.starting}</p>
      <video
        part="video"
        autoplay
        muted
        playsinline
        aria-label=${camera.view}
        ?hidden=${!isLive || this.#taken !== undefined}
        @loadeddata=${this.#redraw}
      ></video>
      ${
        this.#taken === undefined
          ? nothing
          : html`<img part="picture" src=${this.#taken.url} alt=${camera.picture} />`
      }
    `;
  }

  #renderChoice() {
    const { camera } = this.words;
    if (this.#cameras.length < 2) return nothing;
    const chosen = this.#stream && cameraOf(this.#stream);
    return html`<label>
      <span>${camera.which}</span>
      <select .value=${live(chosen ?? "")} @change=${this.#choose}>
        ${this.#cameras.map(
          ({ deviceId, label }, place) =>
            html`<option value=${deviceId} ?selected=${deviceId === chosen}>
              ${label || camera.unnamed(place + 1)}
            </option>`,
        )}
      </select>
    </label>`;
  }

  #renderFault() {
    if (this.#fault === undefined) return nothing;
    return html`<p class="fault" role="alert">${this.#sentence}</p>`;
  }

  /** One main button, which keeps the focus: take, use, take, use. */
  #renderActs() {
    const { camera } = this.words;
    const { name, label, act, isOff } = this.#main;
    return html`
      <button type="button" part="again" ?hidden=${this.#taken === undefined} @click=${this.#again}>
        ${camera.again}
      </button>
      <button class="main" type="button" part="take" aria-disabled=${String(isOff)} @click=${act}>
        ${icon(name)}${label}
      </button>
    `;
  }

  get #main() {
    const { camera } = this.words;
    if (this.#isFaulty) {
      return { name: "reset", label: camera.retry, act: this.#retry, isOff: false } as const;
    }
    const isOff = this.#isWorking || !this.#isSeeing;
    if (this.#taken === undefined) {
      return { name: "camera", label: camera.take, act: this.#take, isOff } as const;
    }
    return { name: "check", label: camera.use, act: this.#use, isOff } as const;
  }

  /** Whether there is nothing to look through; a picture that could not be used is there still. */
  get #isFaulty(): boolean {
    return this.#fault !== undefined && this.#taken === undefined;
  }

  /** Whether a picture could be taken, or is. */
  get #isSeeing(): boolean {
    return this.#taken !== undefined || (this.#video?.videoWidth ?? 0) > 0;
  }

  get #news(): string {
    const { camera } = this.words;
    if (this.#taken !== undefined) return camera.taken;
    return this.#added === 0 ? "" : camera.added(this.#added);
  }

  get #sentence(): string {
    const { camera } = this.words;
    const fault = this.#fault;
    if (!(fault instanceof CameraError)) return String(fault);
    return fault.fault === undefined ? camera.unknown(fault.message) : camera[fault.fault];
  }

  get #dialog(): HTMLDialogElement | null | undefined {
    return this.shadowRoot?.querySelector("dialog");
  }

  async #begin(wanted: string | undefined): Promise<void> {
    const start = (this.#start += 1);
    this.#drop();
    this.#fault = undefined;
    this.requestUpdate();
    try {
      const stream = await openCamera(wanted);
      if (start === this.#start) await this.#adopt(stream);
      else closeCamera(stream);
    } catch (error) {
      if (start === this.#start) this.#fail(error);
    }
    this.requestUpdate();
  }

  async #adopt(stream: MediaStream): Promise<void> {
    this.#stream = stream;
    this.desk.recollection.add({ camera: cameraOf(stream) });
    for (const track of stream.getVideoTracks()) {
      track.addEventListener("ended", () => {
        if (this.#stream === stream) this.#fail(new CameraError("gone"));
      });
    }
    this.requestUpdate();
    // Names are told only now.
    this.#cameras = await listCameras();
  }

  #fail(fault: unknown): void {
    this.#drop();
    // Not of the camera: a fault of ours has to be seen as such.
    if (!(fault instanceof CameraError)) reportError(fault);
    this.#fault = fault;
    this.requestUpdate();
  }

  /** Lets go of the camera and of what was taken. */
  #drop(): void {
    closeCamera(this.#stream);
    this.#stream = undefined;
    this.#forget();
  }

  #forget(): void {
    if (this.#taken !== undefined) URL.revokeObjectURL(this.#taken.url);
    this.#taken = undefined;
    if (this.#stream !== undefined) void this.#video?.play();
    this.requestUpdate();
  }

  readonly #redraw = (): void => {
    this.requestUpdate();
  };

  readonly #open = async (): Promise<void> => {
    this.#isOpen = true;
    this.#added = 0;
    this.requestUpdate();
    await this.updateComplete;
    this.#dialog?.showModal();
    this.#focusMain();
    await this.#begin(this.desk.recollection.read().camera);
  };

  readonly #close = (): void => {
    this.#dialog?.close();
  };

  readonly #release = (): void => {
    this.#start += 1;
    this.#drop();
    this.#cameras = [];
    this.#fault = undefined;
    this.#isOpen = false;
    this.requestUpdate();
  };

  readonly #choose = (event: Event): void => {
    const camera = (event.target as HTMLSelectElement).value;
    // Also where the dialog is closed before the camera has started.
    this.desk.recollection.add({ camera });
    void this.#begin(camera);
  };

  readonly #retry = (): void => {
    void this.#begin(this.desk.recollection.read().camera);
  };

  readonly #take = async (): Promise<void> => {
    const video = this.#video;
    if (video === undefined || this.#isWorking || !this.#isSeeing) return;
    const dpi = this.dpi ?? Math.max(video.videoWidth, video.videoHeight) / SHEET_INCHES;
    // What is seen is what is taken, however long that takes.
    video.pause();
    this.#work(true);
    try {
      const blob = await takePicture(video);
      this.#taken = { blob, url: URL.createObjectURL(blob), dpi: Math.round(dpi) };
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#work(false);
    }
  };

  readonly #again = (): void => {
    this.#fault = undefined;
    this.#forget();
    this.#focusMain();
  };

  readonly #use = async (): Promise<void> => {
    const taken = this.#taken;
    if (taken === undefined || this.#isWorking) return;
    this.#fault = undefined;
    this.#work(true);
    const { blob, dpi } = taken;
    const isIn = await this.desk.load([blob], { type: blob.type, dpi });
    this.#work(false);
    // The notice lies behind the dialog, where nobody can read it.
    if (!isIn) this.#fault = this.desk.notices.all.at(-1)?.text;
    if (!isIn || this.#taken !== taken) return;
    this.#added += 1;
    this.#forget();
    this.tell("flatbed-camera-used", { blob });
  };

  #work(isWorking: boolean): void {
    this.#isWorking = isWorking;
    this.requestUpdate();
  }

  #focusMain(): void {
    this.shadowRoot?.querySelector<HTMLElement>(".foot .main")?.focus();
  }
}
