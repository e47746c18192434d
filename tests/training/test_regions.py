

def test_body_that_does_not_show_leaves_its_place_undecided() -> None:
    l5, l3 = drawn((100, 124), (32, 56))
    allowed = around_bodies({1: l5, 3: l3}, 1.0)
    assert allowed[78, 37] & DISC
    assert allowed[78, 37] & BODY == 0, "a body that is not labelled on the slice is not there"
    assert allowed[61, 37] != DISC
