// Sounds of the bench: a short high one for yes, two rising for packed, a rough low one for wrong.
let context = null;

function tone(frequency, start, seconds, type = "sine", loud = 0.18) {
  try {
    context ??= new AudioContext();
  } catch {
    return; // no sound card: colour and words remain
  }
  if (context.state === "suspended") context.resume();
  const [oscillator, gain] = [context.createOscillator(), context.createGain()];
  const at = context.currentTime + start;
  oscillator.type = type;
  oscillator.frequency.value = frequency;
  gain.gain.setValueAtTime(loud, at);
  gain.gain.exponentialRampToValueAtTime(0.001, at + seconds);
  oscillator.connect(gain).connect(context.destination);
  oscillator.start(at);
  oscillator.stop(at + seconds);
}

export const beep = () => tone(1320, 0, 0.09);
export const chord = () => [660, 990].forEach((frequency, n) => tone(frequency, n * 0.11, 0.2));
export const buzz = () => [0, 0.22, 0.44].forEach((start) => tone(110, start, 0.18, "sawtooth", 0.4));
