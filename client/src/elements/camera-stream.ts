/** The browser's own cameras: found, started, looked through, let go of. */

/** Why no camera can be used. */
export type CameraFault = "insecure" | "forbidden" | "denied" | "missing" | "busy" | "gone";

const FAULTS: Readonly<Record<string, CameraFault>> = {
  NotAllowedError: "denied",
  SecurityError: "forbidden",
  NotFoundError: "missing",
  OverconstrainedError: "missing",
  NotReadableError: "busy",
  AbortError: "busy",
};
// More than any has: each gives the most that it can.
const SIDE_PX = 4096;
const QUALITY = 0.92;

/** A fault by its name, or what else the browser says. */
export class CameraError extends Error {
  /** @param fault - Undefined where the message is all that is known. */
  constructor(
    readonly fault: CameraFault | undefined,
    options: ErrorOptions = {},
  ) {
    const { cause } = options;
    super(cause instanceof Error ? cause.message : fault, options);
  }
}

interface WithPolicy extends Document {
  readonly featurePolicy?: { allowsFeature(name: string): boolean };
}

/**
 * Starts a camera; the person may be asked first.
 *
 * @param wanted - As the browser names it; without it, or where it is gone, one that looks away
 *   from the person.
 * @throws CameraError
 */
export async function openCamera(wanted: string | undefined): Promise<MediaStream> {
  if (!isSecureContext) throw new CameraError("insecure");
  try {
    return await start(wanted);
  } catch (cause) {
    if (!(cause instanceof DOMException)) throw cause;
    const isGone = cause.name === "OverconstrainedError" && wanted !== undefined;
    if (isGone) return openCamera(undefined);
    const isForbidden = cause.name === "NotAllowedError" && isAgainstPolicy();
    throw new CameraError(isForbidden ? "forbidden" : FAULTS[cause.name], { cause });
  }
}

/** All cameras; they have names once one of them has been started. */
export async function listCameras(): Promise<readonly MediaDeviceInfo[]> {
  const all = await navigator.mediaDevices.enumerateDevices();
  return all.filter(({ kind }) => kind === "videoinput");
}

/** As the browser names the camera of a stream. */
export function cameraOf(stream: MediaStream): string | undefined {
  return stream.getVideoTracks()[0]?.getSettings().deviceId;
}

/** Switches a camera off. */
export function closeCamera(stream: MediaStream | undefined): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

/** What a video shows now, as JPEG in its full size. */
export async function takePicture(video: HTMLVideoElement): Promise<Blob> {
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext("2d")?.drawImage(video, 0, 0);
  return new Promise((resolve, reject) => {
    const take = (blob: Blob | null) => {
      if (blob === null) reject(new Error("The camera gave an empty picture. Take it again."));
      else resolve(blob);
    };
    canvas.toBlob(take, "image/jpeg", QUALITY);
  });
}

function start(wanted: string | undefined): Promise<MediaStream> {
  const which =
    wanted === undefined ? { facingMode: "environment" } : { deviceId: { exact: wanted } };
  const size = { width: { ideal: SIDE_PX }, height: { ideal: SIDE_PX } };
  return navigator.mediaDevices.getUserMedia({ video: { ...which, ...size } });
}

/** Told by Chromium only; elsewhere it looks as if the person had refused. */
function isAgainstPolicy(): boolean {
  return (document as WithPolicy).featurePolicy?.allowsFeature("camera") === false;
}
