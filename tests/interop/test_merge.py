"""Merges: the same index as MergeV2Checkpoints makes, and what TensorFlow reads from it."""

import itertools
import random
import shutil

import pytest
import tensorflow as tf

import ours
import tfckpt
import theirs
import values
from tfckpt import Slice

TRANSFERS = {"copy": tfckpt.COPY, "link": tfckpt.LINK, "move": tfckpt.MOVE}


def tensors(seed, group, count=6):
    rng = random.Random(seed)
    return [values.piece(rng, f"{group}/{i}", rng.choice(values.DTYPES), (i, 2))
            for i in range(count)]


def blocks(seed, name, dtype=tf.float32):
    """A partitioned tensor, and its four slices."""
    whole = values.piece(random.Random(seed), name, dtype, (6, 8))
    return whole, values.cut(whole, [Slice((0, 0), (4, 3)), Slice((0, 3), (4, 5)),
                                     Slice((4, 0), (2, 6)), Slice((4, 6), (2, 2))])


class Inputs:
    """Bundles written by TensorFlow, to be merged again and again."""

    def __init__(self, path):
        self.path = path
        self.names = []
        self.fresh = (path / f"merge_{i}" for i in itertools.count())

    def add(self, name, *parts):
        """A bundle; where there are several parts, of as many shards."""
        prefix = self.path / "inputs" / name
        if len(parts) == 1:
            theirs.save(prefix, parts[0])
        else:
            sources = [self.path / f"{name}-{i}" / "part" for i in range(len(parts))]
            for source, part in zip(sources, parts):
                theirs.save(source, part)
            theirs.merge(prefix, sources)
        self.names.append(name)

    def copies(self):
        """The prefixes of copies, and a new one for what they are merged into."""
        directory = next(self.fresh)
        shutil.copytree(self.path / "inputs", directory)
        return directory / "merged", [directory / name for name in self.names]


@pytest.fixture
def inputs(tmp_path):
    return Inputs(tmp_path)


def shards_of(prefix):
    return {name: data for name, data in ours.files(prefix).items() if name != ".index"}


def assert_merges_alike(inputs, pieces):
    """Same index, same data, and each reads what the other made."""
    expected, sources = inputs.copies()
    theirs.merge(expected, sources)
    merged, sources = inputs.copies()
    tfckpt.merge(merged, sources)
    assert ours.files(merged)[".index"] == ours.files(expected)[".index"]
    assert shards_of(merged) == shards_of(expected)
    theirs.assert_restores(merged, pieces)
    ours.assert_reads(expected, pieces)
    return merged


@pytest.mark.parametrize("seed", range(5))
def test_bundles_of_one_shard(inputs, seed):
    groups = [tensors(seed, group) for group in ("b", "a", "c")]
    for i, group in enumerate(groups):
        inputs.add(f"{i}", group)
    assert_merges_alike(inputs, sum(groups, []))


def test_names_of_one_between_those_of_another(inputs):
    pieces = tensors(1, "t", 60)
    random.Random(1).shuffle(pieces)
    for i in range(4):
        inputs.add(f"{i}", pieces[i::4])
    assert_merges_alike(inputs, pieces)


def test_bundles_of_several_shards(inputs):
    groups = [tensors(i, f"group_{i}") for i in range(7)]
    inputs.add("three", groups[4], groups[0], groups[2])
    inputs.add("one", groups[6])
    inputs.add("two", groups[5], groups[1])
    inputs.add("last", groups[3])
    assert_merges_alike(inputs, sum(groups, []))


def test_shards_that_a_later_one_comes_before(inputs):
    """A merge numbers shards by where names first lead to them, not as they were."""
    inputs.add("first", tensors(1, "z"), tensors(2, "y"), tensors(3, "x"))
    inputs.add("second", tensors(4, "c"), tensors(5, "a"), tensors(6, "b"))
    assert_merges_alike(inputs, [piece for seed, group in enumerate("zyxcab", 1)
                                 for piece in tensors(seed, group)])


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_slices_of_one_tensor_in_several_bundles(inputs, order):
    whole, (first, second, third, fourth) = blocks(7, "table")
    other, other_parts = blocks(8, "a_table")
    groups = [[first, third, *tensors(1, "own_1", 2)],
              [second, other_parts[0], other_parts[1]],
              [*tensors(3, "own_3", 2), other_parts[2], other_parts[3], fourth]]
    for i in order:
        inputs.add(f"{i}", groups[i])
    owns = tensors(1, "own_1", 2) + tensors(3, "own_3", 2)
    assert_merges_alike(inputs, [whole, other, *owns])


def test_slices_in_several_shards_of_several_bundles(inputs):
    whole, parts = blocks(9, "table")
    own = [tensors(i, f"own_{i}", 2) for i in range(4)]
    inputs.add("two", [parts[3], *own[3]], [parts[0], *own[0]])
    inputs.add("another_two", [*own[2], parts[2]], [*own[1], parts[1]])
    assert_merges_alike(inputs, [whole, *sum(own, [])])


def test_half_of_the_slices(inputs):
    """A merge of merges: what is missing may come later."""
    whole, parts = blocks(10, "table")
    for i, part in enumerate(parts[:2]):
        inputs.add(f"{i}", [part])
    expected, sources = inputs.copies()
    theirs.merge(expected, sources)
    merged, sources = inputs.copies()
    tfckpt.merge(merged, sources)
    assert ours.files(merged) == ours.files(expected)
    theirs.assert_restores(merged, parts[:2])
    with pytest.raises(tf.errors.OpError):
        theirs.restore(merged, [whole])


@pytest.mark.parametrize("dtype", [tf.string, tf.bfloat16, tf.int64, tf.bool], ids=str)
def test_slices_of_other_types(inputs, dtype):
    _, parts = blocks(11, "table", dtype)
    for i, part in enumerate(parts):
        inputs.add(f"{i}", [part])
    expected, sources = inputs.copies()
    theirs.merge(expected, sources)
    merged, sources = inputs.copies()
    tfckpt.merge(merged, sources)
    assert ours.files(merged) == ours.files(expected)
    theirs.assert_restores(merged, parts)


@pytest.mark.parametrize("order", ["empty first", "empty last"])
def test_only_tensors_without_elements(inputs, order):
    empty = [values.Piece(b"empty/%d" % i, tf.float32, (0, i), b"") for i in range(3)]
    own = tensors(12, "own")
    for group in [empty, own] if order == "empty first" else [own, empty]:
        inputs.add(f"{len(inputs.names)}", group)
    assert_merges_alike(inputs, empty + own)


@pytest.mark.parametrize("position", range(3))
@pytest.mark.parametrize("shards", [1, 3])
def test_no_tensors_at_all(inputs, position, shards):
    """The same index. TensorFlow forgets the shards of such a bundle when it names its data
    files, and then cannot read them; ours are all there, and it reads them."""
    groups = [tensors(i, f"group_{i}") for i in range(2)]
    groups.insert(position, [])
    for i, group in enumerate(groups):
        inputs.names.append(f"{i}")
        ours.save(inputs.path / "inputs" / f"{i}", group, shards=1 if group else shards)
    expected, sources = inputs.copies()
    theirs.merge(expected, sources)
    merged, sources = inputs.copies()
    tfckpt.merge(merged, sources)
    assert ours.files(merged)[".index"] == ours.files(expected)[".index"]
    assert len(shards_of(merged)) == 2 + shards and len(shards_of(expected)) == 2
    theirs.assert_restores(merged, sum(groups, []))
    ours.assert_reads(merged, sum(groups, []))
    with pytest.raises(tf.errors.NotFoundError):
        theirs.restore(expected, groups[-1] or groups[0])


def test_a_bundle_alone(inputs):
    inputs.add("alone", tensors(13, "own"))
    assert_merges_alike(inputs, tensors(13, "own"))


def test_bundles_of_ours(inputs):
    """Aligned, of several shards, big endian: TensorFlow merges what this library writes."""
    groups = [tensors(i, f"group_{i}", 20) for i in range(2)]
    for big_endian in (False, True):
        swapped = [[piece for piece in group if values.is_swapped(piece.dtype)]
                   for group in groups]
        inputs.names = []
        for i, group in enumerate(swapped if big_endian else groups):
            name = f"{big_endian}_{i}"
            ours.save(inputs.path / "inputs" / name, group, shards=3, alignment=64,
                      big_endian=big_endian)
            inputs.names.append(name)
        assert_merges_alike(inputs, sum(swapped if big_endian else groups, []))


def test_several_blocks_of_the_index(inputs):
    rng = random.Random(14)
    groups = [[values.piece(rng, f"{rng.randbytes(50).hex()}/{i}", tf.float32, (2,))
               for _ in range(2000)] for i in range(3)]
    for i, group in enumerate(groups):
        inputs.add(f"{i}", group)
    merged = assert_merges_alike(inputs, sum(groups, []))
    assert len(ours.files(merged)[".index"]) > 2 * (256 << 10)


@pytest.mark.parametrize("transfer", TRANSFERS)
def test_what_becomes_of_the_sources(inputs, transfer):
    whole, parts = blocks(15, "table")
    groups = [[*parts[:2], *tensors(1, "one")], [*parts[2:], *tensors(2, "two")]]
    inputs.add("one", groups[0])
    inputs.add("two", groups[1], tensors(3, "three"))
    pieces = [whole, *tensors(1, "one"), *tensors(2, "two"), *tensors(3, "three")]
    expected, sources = inputs.copies()
    theirs.merge(expected, sources)
    merged, sources = inputs.copies()
    before = [ours.files(source) for source in sources]
    tfckpt.merge(merged, sources, TRANSFERS[transfer])
    after = [ours.files(source) for source in sources]
    assert ours.files(merged) == ours.files(expected)
    assert after == ([{}, {}] if transfer == "move" else before)
    theirs.assert_restores(merged, pieces)
    if transfer == "link":
        for source in sources:
            for file in source.parent.glob(source.name + ".*"):
                file.unlink()
        theirs.assert_restores(merged, pieces)


def test_the_command(inputs):
    groups = [tensors(i, f"group_{i}") for i in range(2)]
    for i, group in enumerate(groups):
        inputs.add(f"{i}", group)
    expected, sources = inputs.copies()
    theirs.merge(expected, sources)
    merged, sources = inputs.copies()
    tfckpt.command("merge", "--data", "move", "--output", merged, *sources)
    assert ours.files(merged) == ours.files(expected)


def test_a_name_twice_is_refused_by_both(inputs):
    inputs.add("one", tensors(16, "own"))
    inputs.add("two", tensors(17, "own"))
    expected, sources = inputs.copies()
    with pytest.raises(tf.errors.InvalidArgumentError):
        theirs.merge(expected, sources)
    merged, sources = inputs.copies()
    with pytest.raises(tfckpt.Error) as refused:
        tfckpt.merge(merged, sources, tfckpt.MOVE)
    assert refused.value.status == tfckpt.INVALID_ARGUMENT
    assert ours.files(merged) == {}
    # Ours are as they were.
    theirs.assert_restores(sources[0], tensors(16, "own"))
    theirs.assert_restores(sources[1], tensors(17, "own"))
