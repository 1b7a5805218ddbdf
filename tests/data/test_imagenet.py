from groundtruth.data import imagenet


def test_a_thousand_different_names():
    assert len(imagenet.NAMES) == 1000
    assert len(set(imagenet.NAMES)) == 1000
    assert all(name == " ".join(name.split()) and name for name in imagenet.NAMES)


def test_names_stand_at_their_numbers():
    """Numbers that are often quoted, so that a name left out or added would shift one of them."""
    known = {
        0: "tench", 88: "macaw", 134: "crane (bird)", 207: "golden retriever", 281: "tabby", 292: "tiger",
        340: "zebra", 388: "giant panda", 404: "airliner", 417: "balloon", 499: "cleaver", 517: "crane (machine)",
        574: "golf ball", 609: "jeep", 638: "maillot", 652: "military uniform", 698: "palace", 751: "racer",
        805: "soccer ball", 859: "toaster", 917: "comic book", 954: "banana", 985: "daisy", 999: "toilet tissue",
    }  # fmt: skip
    assert {number: imagenet.NAMES[number] for number in known} == known


def test_dogs_and_cats():
    assert [imagenet.NAMES[k] for k in (imagenet.DOGS[0], imagenet.DOGS[-1])] == [
        "Chihuahua",
        "Mexican hairless",
    ]
    assert [imagenet.NAMES[k] for k in imagenet.CATS] == [
        "tabby", "tiger cat", "Persian cat", "Siamese cat", "Egyptian cat",
    ]  # fmt: skip
    assert "pug" in [imagenet.NAMES[k] for k in imagenet.DOGS]
