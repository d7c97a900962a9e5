// How much of a phone's screen a text takes. Beside the server's letters.py.

const PLAIN = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
  "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
const ESCAPED = new Set("^{}\\[~]|€");

/** `{used, room, wide}`: septets of GSM 03.38 of 160, or units of UCS-2 of 70. */
export function measured(text) {
  const letters = [...text];
  const wide = letters.some((letter) => !PLAIN.has(letter) && !ESCAPED.has(letter));
  if (wide) return { used: text.length, room: 70, wide };
  return { used: letters.length + letters.filter((letter) => ESCAPED.has(letter)).length, room: 160, wide };
}
