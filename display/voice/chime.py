"""The chime: two soft tones, a falling major third, made once and kept as a file."""

import math
import struct
import wave
from pathlib import Path

RATE_HZ = 22_050
"""What espeak-ng's files have too."""
_TONES = ((659.26, 0.0), (523.25, 0.42))
"""E5, then C5: frequency in Hz and when it is struck, in seconds."""
_LENGTH_S = 1.6
_FALL_S = 0.38
_RISE_S = 0.008
_PARTIALS = ((1.0, 1.0), (2.0, 0.22), (3.01, 0.08))
_LOUDNESS = 0.5


def write_chime(path: Path) -> Path:
    """Writes the chime to `path` (16 bit, mono) unless it is there."""
    if not path.exists():
        samples = [_sample(at / RATE_HZ) for at in range(int(_LENGTH_S * RATE_HZ))]
        loudest = max(map(abs, samples))
        frames = (int(32_767 * _LOUDNESS * sample / loudest) for sample in samples)
        write_wav(path, b"".join(struct.pack("<h", frame) for frame in frames))
    return path


def write_silence(path: Path, length_s: float) -> Path:
    """Writes `length_s` of nothing, with which a sound card can be tried."""
    write_wav(path, b"\0\0" * int(length_s * RATE_HZ))
    return path


def write_wav(path: Path, frames: bytes) -> None:
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE_HZ)
        out.writeframes(frames)


def _sample(at_s: float) -> float:
    """Each tone rises at once and fades like a struck bar; the end fades to nothing."""
    ending = min(1.0, (_LENGTH_S - at_s) / 0.2)
    return ending * sum(_struck(frequency, at_s - struck_s) for frequency, struck_s in _TONES if at_s >= struck_s)


def _struck(frequency: float, age_s: float) -> float:
    envelope = min(1.0, age_s / _RISE_S) * math.exp(-age_s / _FALL_S)
    return envelope * sum(share * math.sin(2 * math.pi * frequency * ratio * age_s) for ratio, share in _PARTIALS)
