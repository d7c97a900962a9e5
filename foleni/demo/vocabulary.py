"""Everything that can be said to the demo."""

from foleni.demo import customers, expecting, looking, staff, trouble
from foleni.demo.words import Vocabulary


def vocabulary() -> Vocabulary:
    return Vocabulary((*customers.VERBS, *staff.VERBS, *trouble.VERBS, *looking.VERBS, *expecting.VERBS))
