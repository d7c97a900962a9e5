"""What fingers on the glass mean."""

from foleni.look.boxes import Box
from kiosk.pages import Key, Tap
from kiosk.views.fingers import BOUNCE_S, SLIP_PX, Fingers
from kiosk.views.scene import Face, Scene, Touch

PLAIN = Face("#FFFFFF")


def key(name: str, x: int, act: Tap | None = None) -> Touch:
    return Touch(name, Box(x, 0, 100, 100), act or Tap(Key.DIGIT, name), PLAIN, PLAIN)


SCENE = Scene(1000, 1000, "#FFFFFF", (key("1", 0), key("2", 300)))


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def name_of(touch: Touch | None) -> str | None:
    return None if touch is None else touch.name


def test_a_finger_that_goes_up_on_its_key_does_what_the_key_says() -> None:
    fingers = Fingers(Clock())
    assert name_of(fingers.down(1, SCENE, 50, 50)) == "1"
    assert fingers.pressed == {"1"}
    assert name_of(fingers.up(1, 55, 52)) == "1"
    assert fingers.pressed == set()


def test_a_shaking_finger_may_slip_a_little_and_one_that_slides_off_has_changed_its_mind() -> None:
    fingers = Fingers(Clock())
    fingers.down(1, SCENE, 95, 50)
    assert name_of(fingers.up(1, 99 + SLIP_PX, 50)) == "1"
    fingers = Fingers(Clock())
    fingers.down(1, SCENE, 95, 50)
    assert fingers.up(1, 101 + SLIP_PX, 50) is None


def test_a_touch_that_flickers_is_one_touch() -> None:
    clock = Clock()
    fingers = Fingers(clock)
    fingers.down(1, SCENE, 50, 50)
    assert fingers.up(1, 50, 50) is not None
    clock.now_s += BOUNCE_S / 2
    assert fingers.down(2, SCENE, 50, 50) is None
    clock.now_s += 0.5
    assert fingers.up(2, 50, 50) is None


def test_two_fingers_on_one_key_are_one() -> None:
    fingers = Fingers(Clock())
    assert fingers.down("finger", SCENE, 50, 50) is not None
    assert fingers.down("mouse", SCENE, 50, 50) is None
    assert fingers.up("finger", 50, 50) is not None
    assert fingers.up("mouse", 50, 50) is None


def test_the_same_digit_can_be_typed_twice_and_two_keys_quickly() -> None:
    clock = Clock()
    fingers = Fingers(clock)
    typed = []
    for finger, x in enumerate((50, 50, 350, 50)):
        fingers.down(finger, SCENE, x, 50)
        typed.append(name_of(fingers.up(finger, x, 50)))
        clock.now_s += 0.1
    assert typed == ["1", "1", "2", "1"]


def test_what_lay_under_the_finger_and_is_gone_does_nothing() -> None:
    fingers = Fingers(Clock())
    fingers.down(1, SCENE, 50, 50)
    fingers.keep_to(Scene(1000, 1000, "#FFFFFF", (key("1", 0, Tap(Key.DONE)),)))
    assert fingers.pressed == set()
    assert fingers.up(1, 50, 50) is None


def test_a_key_that_is_held_is_used_up() -> None:
    fingers = Fingers(Clock())
    pressed = fingers.down(1, SCENE, 50, 50)
    assert pressed is not None
    assert fingers.held(1, pressed)
    assert not fingers.held(2, pressed)
    assert fingers.up(1, 50, 50) is None
