/** What is heard at the end of a scan and at a fault, for whoever stands at the scanner. */

export type SoundName = "end" | "fault";

/** After how many seconds, pitch in hertz, length in seconds. */
type Tone = readonly [number, number, number];

const TONES: Readonly<Record<SoundName, readonly Tone[]>> = {
  end: [
    [0, 660, 0.16],
    [0.14, 880, 0.3],
  ],
  fault: [
    [0, 440, 0.18],
    [0.22, 330, 0.18],
    [0.44, 440, 0.18],
    [0.66, 330, 0.34],
  ],
};

const LOUDNESS = 0.22;
const ATTACK_S = 0.015;
// One that was held back until somebody touched the page is no news any more.
const LATEST_MS = 1500;

/** Makes sounds, with no files. */
export class Sounds {
  #context: AudioContext | undefined;

  /** Called from a click: browsers let only pages be heard that were used. */
  prepare(): void {
    this.#context ??= new AudioContext();
  }

  /** Is heard now, or not at all. */
  async play(name: SoundName): Promise<void> {
    const context = this.#context;
    if (context === undefined) return;
    const begun = performance.now();
    await context.resume();
    if (performance.now() - begun > LATEST_MS) return;
    const tones = TONES[name].map((tone) => sound(context, tone));
    const last = tones.at(-1);
    last?.addEventListener("ended", () => {
      // The device sleeps between scans.
      void context.suspend();
    });
  }
}

function sound(context: AudioContext, [afterS, hertz, lengthS]: Tone): OscillatorNode {
  const [from, tone, volume] = [
    context.currentTime + afterS,
    context.createOscillator(),
    context.createGain(),
  ];
  tone.frequency.value = hertz;
  volume.gain.setValueAtTime(0, from);
  volume.gain.linearRampToValueAtTime(LOUDNESS, from + ATTACK_S);
  volume.gain.exponentialRampToValueAtTime(0.001, from + lengthS);
  tone.connect(volume).connect(context.destination);
  tone.start(from);
  tone.stop(from + lengthS);
  return tone;
}
