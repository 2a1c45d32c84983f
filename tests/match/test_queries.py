import numpy as np

from safelight.match.queries import pack, queries_of
from safelight.model.fingerprint import DIHEDRAL, Digests, Fingerprint, Pdq, PdqPrint, View

DIGESTS = Digests("", "", "", 0)


def code(number: int) -> str:
    return f"{number:064x}"


def print_of(first: int, view: View = View.UPRIGHT, frame: int = 0) -> PdqPrint:
    return PdqPrint(frame, view, Pdq(tuple(code(first + n) for n in range(8)), 90))


def test_upright_is_asked_for_in_eight_forms_original_first() -> None:
    queries = queries_of(Fingerprint(DIGESTS, (print_of(10),)))
    assert [q.dihedral for q in queries] == list(DIHEDRAL)
    assert queries[0].code == code(10)


def test_without_dihedral_only_the_pictures_themselves() -> None:
    prints = (print_of(10), print_of(30, View.CONTENT))
    assert [q.code for q in queries_of(Fingerprint(DIGESTS, prints), dihedral=False)] == [code(10), code(30)]


def test_raw_orientation_is_asked_for_as_it_stands() -> None:
    queries = queries_of(Fingerprint(DIGESTS, (print_of(10), print_of(50, View.RAW))))
    assert [q.code for q in queries if q.view is View.RAW] == [code(50)]


def test_a_code_is_asked_for_once_under_its_most_direct_reading() -> None:
    queries = queries_of(Fingerprint(DIGESTS, (print_of(10), print_of(12, View.CONTENT), print_of(10, frame=3))))
    assert len({q.code for q in queries}) == len(queries)
    twelve = next(q for q in queries if q.code == code(12))
    assert (twelve.view, twelve.dihedral) == (View.CONTENT, "original")
    assert next(q for q in queries if q.code == code(10)).frame == 0


def test_pack_keeps_order_and_bytes() -> None:
    queries = queries_of(Fingerprint(DIGESTS, (print_of(10),)))
    packed = pack(queries)
    assert packed.shape == (8, 32)
    assert packed.dtype == np.uint8
    assert bytes(packed[3]).hex() == queries[3].code
    assert pack([]).shape == (0, 32)
